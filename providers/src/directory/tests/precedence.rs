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
    let options = directory.setup("shop", code).unwrap().0.options;
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
        ("echo://u:p@h", "password-file = 'f'"),
        ("echo://u@h?password-file=f", "password = 'p'"),
        ("echo://u@h?password-file=f", "password-file = 'f'"),
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

/// What there is of user name, password and file.
fn login(toml: &str, environment: &[(&str, &str)]) -> (String, String, Option<String>) {
    let credentials = shop(toml, environment.iter().copied()).unwrap().credentials.unwrap();
    let file = credentials.password_file().map(|file| file.display().to_string());
    (
        credentials.username().to_owned(),
        credentials.expose_password().to_owned(),
        file,
    )
}

#[test]
fn a_password_may_be_in_a_file() {
    let file = |user: &str, file: &str| (user.to_owned(), String::new(), Some(file.to_owned()));
    let key = toml("echo://u@h", "password-file = '/run/${P}'");
    assert_eq!(login(&key, &[("P", "x")]), file("u", "/run/x"));
    let option = toml("echo://u@h?password-file=/run/x", "");
    assert_eq!(login(&option, &[]), file("u", "/run/x"));
    let both = toml("echo://h", "username = 'u'\npassword-file = '/run/x'");
    assert_eq!(login(&both, &[]), file("u", "/run/x"));
    // The user name alone is another.
    assert_eq!(
        login(&option, &[("ANYMQ_CONNECTION_SHOP_USERNAME", "v")]),
        file("v", "/run/x")
    );
    let later = [("ANYMQ_CONNECTION_SHOP_PASSWORD", "later")];
    for toml in [&option, &key] {
        let known = ("u".to_owned(), "later".to_owned(), None);
        assert_eq!(login(toml, &[later[0], ("P", "x")]), known);
    }
    let later = [("ANYMQ_CONNECTION_SHOP_PASSWORD_FILE", "/run/y")];
    assert_eq!(
        login(&toml("echo://u@h", "password = 'p'"), &later),
        file("u", "/run/y")
    );
}

#[test]
fn a_password_and_its_file_are_one_too_many() {
    for (keys, expected) in [
        ("password = 'p'\npassword-file = 'f'", "give one of them"),
        ("password-file = ''", "is empty"),
    ] {
        let message = refusal(shop(&toml("echo://u@h", keys), NOTHING));
        assert!(message.contains(expected), "{message}");
    }
    let message = refusal(shop(&toml("echo://h", "password-file = 'f'"), NOTHING));
    assert!(message.contains("without a user name"), "{message}");
}
