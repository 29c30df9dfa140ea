//! What the broker reads when it starts.

use std::fmt::Display;
use std::path::Path;

use super::ADMINISTRATOR;
use super::instance::Instance;
use super::keystores;
use super::options::{ActiveMqOptions, ActiveMqUser};

/// For the file `log4j.properties`: what is wrong, and how the start goes on, to the output.
pub(super) const LOGGING: &str = "\
log4j.rootLogger=WARN, out
log4j.logger.org.apache.activemq.broker.BrokerService=INFO
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %-5p %m (%c) [%t]%n
";

/// Each durable subscription is a queue. As durable consumers of a topic, which is the default, new ones are also sent what others have
/// not consumed yet, and nothing is flagged after a restart.
const MQTT: [&str; 1] = ["transport.subscriptionStrategy=mqtt-virtual-topic-subscriptions"];

/// Of those who may do everything.
const ADMINISTRATORS: &str = "administrators";

/// The file `activemq.xml`. The schema wants the parts in the order of the alphabet.
///
/// Topics that nobody uses are forgotten after a while: to delete a durable subscription is a write for each that there is.
pub(super) fn of(instance: &Instance, options: &ActiveMqOptions) -> String {
    let (name, data) = (instance.name(), shown(&instance.path("data")));
    let (tls, plugins) = (tls(instance), plugins(options));
    let connectors = connectors(instance, options);
    format!(
        r#"<beans xmlns="http://www.springframework.org/schema/beans"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="
        http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
        http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="{name}" dataDirectory="{data}"
      persistent="true" schedulerSupport="true" useJmx="false" schedulePeriodForDestinationPurge="5000">
    <destinationPolicy><policyMap><policyEntries>
      <policyEntry queue="&gt;" prioritizedMessages="true" persistJMSRedelivered="true"/>
      <policyEntry topic="&gt;" gcInactiveDestinations="true" inactiveTimeoutBeforeGC="15000"/>
    </policyEntries></policyMap></destinationPolicy>
    <persistenceAdapter><kahaDB directory="{data}/kahadb"/></persistenceAdapter>
    <plugins>
{plugins}    </plugins>
{tls}    <systemUsage><systemUsage>
      <memoryUsage><memoryUsage limit="256 mb"/></memoryUsage>
      <storeUsage><storeUsage limit="1 gb"/></storeUsage>
      <tempUsage><tempUsage limit="512 mb"/></tempUsage>
    </systemUsage></systemUsage>
    <transportConnectors>
{connectors}    </transportConnectors>
  </broker>
</beans>
"#
    )
}

/// The last one outermost: what the broker holds is told without further rights.
fn plugins(options: &ActiveMqOptions) -> String {
    let authorization = if options.users.is_empty() {
        String::new()
    } else {
        authorization(&options.users)
    };
    authentication(options) + &authorization + "      <statisticsBrokerPlugin/>\n"
}

fn authentication(options: &ActiveMqOptions) -> String {
    let mut users = user(ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATORS);
    for known in &options.users {
        users += &user(&known.name, &known.password, &known.name);
    }
    let anonymous = options.anonymous;
    format!(
        r#"      <simpleAuthenticationPlugin anonymousAccessAllowed="{anonymous}" anonymousGroup="{ADMINISTRATORS}"><users>
{users}      </users></simpleAuthenticationPlugin>
"#
    )
}

fn user(name: &str, password: &str, group: &str) -> String {
    let (name, password, group) = (escape(name), escape(password), escape(group));
    format!("        <authenticationUser username=\"{name}\" password=\"{password}\" groups=\"{group}\"/>\n")
}

/// Each user is a group, and what several entries grant adds up.
fn authorization(users: &[ActiveMqUser]) -> String {
    let mut entries = String::new();
    for right in ["read", "write", "admin"] {
        entries += &entry(">", right, ADMINISTRATORS);
        // Without these nobody could create anything.
        entries += &entry("ActiveMQ.Advisory.>", right, "*");
    }
    for user in users {
        let rights = [("read", &user.read), ("write", &user.write), ("admin", &user.admin)];
        for (right, names) in rights {
            entries.extend(names.iter().map(|name| entry(name, right, &user.name)));
        }
    }
    format!(
        "      <authorizationPlugin><map><authorizationMap><authorizationEntries>\n\
         {entries}      \
         </authorizationEntries></authorizationMap></map></authorizationPlugin>\n"
    )
}

fn entry(name: &str, right: &str, group: &str) -> String {
    let (name, group) = (escape(name), escape(group));
    let of = |kind| format!("        <authorizationEntry {kind}=\"{name}\" {right}=\"{group}\"/>\n");
    of("queue") + &of("topic")
}

fn tls(instance: &Instance) -> String {
    if instance.tls().is_none() {
        return String::new();
    }
    let keys = shown(&instance.path(keystores::KEYS));
    let authorities = shown(&instance.path(keystores::AUTHORITIES));
    let (kind, password) = (keystores::KIND, keystores::PASSWORD);
    format!(
        r#"    <sslContext><sslContext
        keyStore="{keys}" keyStoreType="{kind}" keyStorePassword="{password}"
        trustStore="{authorities}" trustStoreType="{kind}" trustStorePassword="{password}"/></sslContext>
"#
    )
}

/// They are opened in this order, so whoever finds the last one open finds all.
fn connectors(instance: &Instance, options: &ActiveMqOptions) -> String {
    let mut lines = connector("tcp", instance.openwire().address(), &[]);
    let limits = [
        options
            .max_message_size
            .map(|bytes| format!("wireFormat.maxDataLength={bytes}")),
        options
            .max_frame_size
            .map(|bytes| format!("wireFormat.maxFrameSize={bytes}")),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    if let Some((port, tls)) = instance.tls() {
        // As RabbitMQ does, a certificate is asked for in any case.
        let asked = if tls.client_certificate_required {
            "needClientAuth"
        } else {
            "wantClientAuth"
        };
        let options = [&limits[..], &[format!("transport.{asked}=true")]].concat();
        lines += &connector("stomp+ssl", port.address(), &options);
    }
    if let Some(port) = instance.mqtt() {
        lines += &connector("mqtt", port.address(), &MQTT.map(str::to_owned));
    }
    lines + &connector("stomp", instance.stomp().address(), &limits)
}

fn connector(scheme: &str, address: impl Display, options: &[String]) -> String {
    let uri = escape(&format!("{scheme}://{address}?{}", options.join("&")));
    format!("      <transportConnector name=\"{scheme}\" uri=\"{uri}\"/>\n")
}

fn shown(path: &Path) -> String {
    escape(&path.display().to_string())
}

/// For the value of an attribute.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
