use super::*;

fn toml(url: &str, rest: &str) -> String {
    format!("[connections.shop]\nurl = '{url}'\n{rest}")
}

#[test]
fn code_goes_before_everything() {
    let toml = toml("echo://u:p@h?prefetch=1", "client-id = 'file'");
    let directory = directory(&toml, [("ANYMQ_CONNECTION_SHOP_CLOSE_TIMEOUT", "7s")]);
    let code = ConnectOptions::new()
        .with_client_id("code")
        .with_credentials("code", "code");
    let options = directory.setup("shop", code).unwrap().options;
    assert_eq!(options.client_id.as_deref(), Some("code"));
    assert_eq!(options.prefetch.map(u32::from), Some(1));
    assert_eq!(options.close_timeout.map(|t| t.as_secs()), Some(7));
    assert_eq!(options.credentials.unwrap().username(), "code");
}

#[test]
fn the_same_in_url_and_key_of_one_layer_is_refused() {
    for (url, key) in [
        ("echo://h?client-id=a", "client-id = 'a'"),
        ("echo://h?prefetch=1", "prefetch = 1"),
        ("echo://h?close-timeout=1s", "close-timeout = '1s'"),
        ("echo://u@h", "username = 'u'"),
        ("echo://u:p@h", "password = 'p'"),
    ] {
        let message = refusal(shop(&toml(url, key), NOTHING));
        assert!(
            message.contains("line 3") && message.contains("give it once"),
            "{message}"
        );
    }
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_URL", "echo://h?prefetch=1"),
        ("ANYMQ_CONNECTION_SHOP_PREFETCH", "2"),
    ];
    assert!(refusal(shop("", environment)).contains("give it once"));
}

#[test]
fn a_key_of_the_environment_goes_before_the_url_of_the_file() {
    let environment = [
        ("ANYMQ_CONNECTION_SHOP_PREFETCH", "2"),
        ("ANYMQ_CONNECTION_SHOP_PASSWORD", "environment"),
    ];
    let options = shop(&toml("echo://u:file@h?prefetch=1", ""), environment).unwrap();
    assert_eq!(options.prefetch.map(u32::from), Some(2));
    let credentials = options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("u", "environment")
    );
}

#[test]
fn the_url_of_the_environment_goes_before_a_key_of_the_file() {
    let environment = [("ANYMQ_CONNECTION_SHOP_URL", "echo://u:environment@h?prefetch=1")];
    let keys = "prefetch = 2\nclient-id = 'file'\nusername = 'file'\npassword = 'file'";
    let options = shop(&toml("echo://file", keys), environment).unwrap();
    assert_eq!(options.prefetch.map(u32::from), Some(1));
    assert_eq!(options.client_id.as_deref(), Some("file"));
    let credentials = options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("u", "environment")
    );
}

#[test]
fn a_password_of_its_own_joins_the_user_name_of_the_url() {
    let options = shop(&toml("echo://u@h", "password = '${P}'"), [("P", "p@ss/word")]).unwrap();
    let credentials = options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("u", "p@ss/word")
    );
}

#[test]
fn the_credentials_of_the_url_are_the_connections() {
    let options = shop(&toml("echo://u:${P}@h", ""), [("P", "p@s:s/w?r#d,%2C")]).unwrap();
    let credentials = options.credentials.unwrap();
    assert_eq!(
        (credentials.username(), credentials.expose_password()),
        ("u", "p@s:s/w?r#d,%2C")
    );
}
