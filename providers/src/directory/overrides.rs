//! What the environment says of connections and destinations.

use anymq_api::{Error, Result, spi::excerpt};

use super::{
    environment::Environment,
    setting::{Key, Names, Setting, Settings, configuration, variable_part},
};
use crate::suggest;

const CONNECTION: &str = "ANYMQ_CONNECTION";
const DESTINATION: &str = "ANYMQ_DESTINATION";

pub(super) fn connections(names: &mut Names<Settings>, environment: &Environment) -> Result<()> {
    for variable in environment.names(CONNECTION) {
        let (name, key) = connection_and_key(part_behind(CONNECTION, variable)?)
            .ok_or_else(|| unknown_connection_variable(variable))?;
        let setting = Setting::from_environment(environment.text(variable)?, variable);
        names.by_variable(name, Settings::new).insert(key, setting);
    }
    Ok(())
}

pub(super) fn destinations(names: &mut Names<Setting>, environment: &Environment) -> Result<()> {
    for variable in environment.names(DESTINATION) {
        let name = part_behind(DESTINATION, variable)?;
        let setting = Setting::from_environment(environment.text(variable)?, variable);
        *names.by_variable(name, || setting.clone()) = setting.clone();
    }
    Ok(())
}

/// `SHOP_URL` of `ANYMQ_CONNECTION_SHOP_URL`.
fn part_behind<'a>(prefix: &str, variable: &'a str) -> Result<&'a str> {
    let part = variable.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    part.filter(|part| !part.is_empty() && variable_part(part) == *part)
        .ok_or_else(|| {
            let variable = excerpt(variable);
            configuration(format!(
                "unknown environment variable `{variable}`: expected {prefix}_ and a name in upper case"
            ))
        })
}

fn connection_and_key(part: &str) -> Option<(&str, Key)> {
    Key::ALL.into_iter().find_map(|key| {
        let name = part.strip_suffix(&variable_part(key.name()))?.strip_suffix('_')?;
        (!name.is_empty()).then_some((name, key))
    })
}

fn unknown_connection_variable(variable: &str) -> Error {
    let keys = Key::ALL.map(|key| variable_part(key.name()));
    let end = variable.rsplit('_').next().unwrap_or_default();
    let hint = suggest::hint(end, keys.iter().map(String::as_str));
    let variable = excerpt(variable);
    configuration(format!(
        "unknown environment variable `{variable}`: expected {CONNECTION}_, a name, and the end _URL, _CLIENT_ID, …{hint}"
    ))
}
