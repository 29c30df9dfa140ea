//! META: connection metadata.

use anymq_api::Capability;

use super::{Context, Passed, Verdict};

cases! {
    "META-01" => provider_and_version,
    "META-02" => api_version,
    "META-03" => jmsx_names,
}

async fn provider_and_version(context: &Context) -> Verdict {
    let metadata = context.connect().await?.metadata()?;
    ensure!(!metadata.provider_name.is_empty(), "the provider has no name");
    let numbers = format!(
        "{}.{}.",
        metadata.provider_major_version(),
        metadata.provider_minor_version()
    );
    ensure!(
        metadata.provider_version.starts_with(&numbers),
        "version {} does not begin with {numbers}",
        metadata.provider_version
    );
    Ok(Passed::AsStated)
}

async fn api_version(context: &Context) -> Verdict {
    let metadata = context.connect().await?.metadata()?;
    let numbers = format!("{}.{}", metadata.api_major_version(), metadata.api_minor_version());
    ensure_eq!(metadata.api_version, numbers);
    ensure_eq!(metadata.api_version, "3.1");
    Ok(Passed::AsStated)
}

async fn jmsx_names(context: &Context) -> Verdict {
    const TABLE: [&str; 9] = [
        "JMSXUserID",
        "JMSXAppID",
        "JMSXDeliveryCount",
        "JMSXGroupID",
        "JMSXGroupSeq",
        "JMSXProducerTXID",
        "JMSXConsumerTXID",
        "JMSXRcvTimestamp",
        "JMSXState",
    ];
    let names = context.connect().await?.metadata()?.jmsx_property_names;
    ensure!(
        names.iter().all(|name| TABLE.contains(name)),
        "{names:?} holds a foreign name"
    );
    let mut expected = vec!["JMSXGroupID", "JMSXGroupSeq"];
    if context.supports(Capability::DeliveryCount) {
        expected.push("JMSXDeliveryCount");
    }
    ensure!(
        expected.iter().all(|name| names.contains(name)),
        "{names:?} lacks one of {expected:?}"
    );
    Ok(Passed::AsStated)
}
