/// Who is at the other end of a connection. JMS: `ConnectionMetaData`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectionMetaData {
    /// The provider's name, for example `in-vm`. JMS: `getJMSProviderName`.
    pub provider_name: &'static str,
    /// The provider's (the adapter's) version. JMS: `getProviderVersion`.
    pub provider_version: &'static str,
    /// What the broker says of itself, where it does.
    pub broker: Option<String>,
    /// The version of Jakarta Messaging whose semantics hold. JMS: `getJMSVersion`.
    pub api_version: &'static str,
    /// The `JMSX` properties that the provider knows. JMS: `getJMSXPropertyNames`.
    pub jmsx_property_names: &'static [&'static str],
}

impl ConnectionMetaData {
    /// Made by implementors of [`Connection`](crate::Connection).
    pub fn new(provider_name: &'static str, provider_version: &'static str, broker: Option<String>) -> Self {
        Self {
            provider_name,
            provider_version,
            broker,
            api_version: "3.1",
            jmsx_property_names: &["JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount"],
        }
    }

    /// The first number of the provider's version. JMS: `getProviderMajorVersion`.
    pub fn provider_major_version(&self) -> u32 {
        number(self.provider_version, 0)
    }

    /// The second number of the provider's version. JMS: `getProviderMinorVersion`.
    pub fn provider_minor_version(&self) -> u32 {
        number(self.provider_version, 1)
    }

    /// The first number of the API's version. JMS: `getJMSMajorVersion`.
    pub fn api_major_version(&self) -> u32 {
        number(self.api_version, 0)
    }

    /// The second number of the API's version. JMS: `getJMSMinorVersion`.
    pub fn api_minor_version(&self) -> u32 {
        number(self.api_version, 1)
    }
}

fn number(version: &str, index: usize) -> u32 {
    let part = version.split('.').nth(index);
    part.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}
