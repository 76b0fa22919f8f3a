//! `awsconfiguration.json`, as the iOS and Android clients read it.

use std::rc::Rc;

use super::partition::Partition;
use super::{
    AuthFlow, Config, Endpoint, IdentityPoolConfig, OAuthConfig, SocialConfig, SocialProvider, UserPoolConfig,
};
use super::{client_id, comma_list, host, identity_pool_id, pool_and_client};
use crate::core::json::Reader;
use crate::core::names::is_region;
use crate::core::secret::ClientSecret;

pub(super) fn read(root: &Reader<'_>) -> Config {
    let auth = root.section("Auth").section("Default");
    let identity_pools = root.section("CredentialsProvider").section("CognitoIdentity");
    Config {
        user_pool: user_pool(&root.section("CognitoUserPool").section("Default"), &auth).map(Rc::new),
        identity_pool: identity_pool(&identity_pools.section("Default")),
        oauth: oauth(&auth.section("OAuth")),
        social: SocialConfig {
            facebook: social(root, "FacebookSignIn", "AppId"),
            google: social(root, "GoogleSignIn", "ClientId-WebApp"),
            apple: social(root, "AppleSignIn", "ClientId"),
        },
    }
}

fn user_pool(section: &Reader<'_>, auth: &Reader<'_>) -> Option<UserPoolConfig> {
    let pool_key = either(section, "PoolId", "CognitoUserPoolId");
    let client_key = either(section, "AppClientId", "CognitoUserPoolAppClientId");
    let secret_key = either(section, "AppClientSecret", "CognitoUserPoolAppClientSecret");
    // Read before it is known whether there is a pool: a wrong value is worth telling in any case.
    let named_flow = auth_flow(auth);
    let is_persistent = auth.flag("Persistence").unwrap_or(true);
    let (pool_id, client_id) = pool_and_client(section, pool_key, client_key)?;
    let of_region = Endpoint::of_aws("cognito-idp", region_of_service(section, pool_id.region()));
    let migration = section.flag("MigrationEnabled").unwrap_or(false);
    let of_aws = UserPoolConfig::of_aws(pool_id, client_id);
    Some(UserPoolConfig {
        client_secret: section.filled_text(secret_key).map(ClientSecret::new),
        auth_flow: if migration { AuthFlow::UserPassword } else { named_flow },
        pinpoint_app_id: text(section, "PinpointAppId"),
        is_persistent,
        endpoint: Endpoint::read(section, "Endpoint").unwrap_or(of_region),
        ..of_aws
    })
}

fn auth_flow(auth: &Reader<'_>) -> AuthFlow {
    const KEY: &str = "authenticationFlowType";
    let named = auth.filled_text(KEY).map(AuthFlow::named);
    if named == Some(None) {
        let flows = "USER_SRP_AUTH, USER_PASSWORD_AUTH, CUSTOM_AUTH or USER_AUTH";
        auth.refuse(KEY, flows, "a different string");
    }
    named.flatten().unwrap_or_default()
}

fn identity_pool(section: &Reader<'_>) -> Option<IdentityPoolConfig> {
    let pool_id = identity_pool_id(section, "PoolId")?;
    if region(section).is_some_and(|region| region != pool_id.region()) {
        section.refuse("Region", "the region that the PoolId begins with", "another region");
    }
    let of_aws = IdentityPoolConfig::of_aws(pool_id);
    Some(IdentityPoolConfig {
        endpoint: Endpoint::read(section, "Endpoint").unwrap_or(of_aws.endpoint),
        ..of_aws
    })
}

fn oauth(section: &Reader<'_>) -> Option<OAuthConfig> {
    let client_id = client_id(section, "AppClientId");
    if client_id.is_none() && section.has("WebDomain") {
        section.refuse("AppClientId", "the app client id of the hosted login", "missing");
    }
    client_id.map(|client_id| OAuthConfig {
        client_secret: section.filled_text("AppClientSecret").map(ClientSecret::new),
        web_domain: host(section, "WebDomain"),
        scopes: section.texts("Scopes"),
        sign_in_redirect_uris: text(section, "SignInRedirectURI").into_iter().collect(),
        sign_out_redirect_uris: text(section, "SignOutRedirectURI").into_iter().collect(),
        sign_in_uri: text(section, "SignInURI"),
        sign_out_uri: text(section, "SignOutURI"),
        token_uri: text(section, "TokenURI"),
        sign_in_query: section.text_map("SignInURIQueryParameters"),
        sign_out_query: section.text_map("SignOutURIQueryParameters"),
        token_query: section.text_map("TokenURIQueryParameters"),
        client_id,
    })
}

fn social<'a>(root: &Reader<'a>, name: &'a str, id_key: &str) -> Option<SocialProvider> {
    let section = root.section(name);
    root.has(name).then(|| SocialProvider {
        client_id: text(&section, id_key),
        permissions: comma_list(&section, "Permissions"),
    })
}

fn text(section: &Reader<'_>, key: &str) -> Option<String> {
    section.filled_text(key).map(String::from)
}

/// The older name of a key serves where the newer one is absent.
fn either<'k>(section: &Reader<'_>, key: &'k str, older: &'k str) -> &'k str {
    if section.has(key) || !section.has(older) {
        key
    } else {
        older
    }
}

/// A replica of a user pool has the id of its primary, which begins with the primary's region, and answers in its own.
fn region_of_service<'a>(section: &Reader<'a>, home: &'a str) -> &'a str {
    let region = region(section).unwrap_or(home);
    if Partition::of(region) != Partition::of(home) {
        section.refuse(
            "Region",
            "a region of the partition that the PoolId is of",
            "a region of another partition",
        );
    }
    region
}

fn region<'a>(section: &Reader<'a>) -> Option<&'a str> {
    let region = section.filled_text("Region").filter(|text| is_region(text));
    if region.is_none() && section.filled_text("Region").is_some() {
        section.refuse("Region", "a region such as us-east-1", "a different string");
    }
    region
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Code;
    use serde_json::json;

    fn parse(document: serde_json::Value) -> Config {
        Config::parse(&document.to_string()).unwrap()
    }

    fn complaint(document: serde_json::Value) -> String {
        let error = Config::parse(&document.to_string()).unwrap_err();
        assert_eq!(error.code, Code::InvalidConfiguration);
        error.message.to_string()
    }

    #[test]
    fn every_key_that_means_something_here_is_read() {
        let config = parse(json!({
            "Version": "1.0", "UserAgent": "aws-amplify/cli", "IdentityManager": {"Default": {}},
            "CredentialsProvider": {"CognitoIdentity": {"Default": {
                "PoolId": "us-east-1:0f6d3b1a-52e1-4b0e-8d37-1f2e3d4c5b6a", "Region": "us-east-1",
                "Endpoint": "http://localhost:7665"}}},
            "CognitoUserPool": {"Default": {
                "PoolId": "us-east-1_AbCdEfGhI", "AppClientId": "client1", "AppClientSecret": "hush",
                "Region": "us-east-1", "PinpointAppId": "pin", "MigrationEnabled": false, "Endpoint": "auth.example.com"}},
            "Auth": {"Default": {"authenticationFlowType": "CUSTOM_AUTH", "Persistence": false, "OAuth": {
                "AppClientId": "client2", "AppClientSecret": "", "WebDomain": "app.auth.us-east-1.amazoncognito.com",
                "Scopes": ["openid", "email"], "SignInRedirectURI": "myapp://in", "SignOutRedirectURI": "myapp://out",
                "SignInURI": "https://t.auth0.com/authorize", "SignOutURI": "https://t.auth0.com/v2/logout",
                "TokenURI": "https://t.auth0.com/oauth/token", "SignInURIQueryParameters": {"audience": "a"},
                "SignOutURIQueryParameters": {"returnTo": "b"}, "TokenURIQueryParameters": {"c": "d"}}}},
            "FacebookSignIn": {"AppId": "fb", "Permissions": "public_profile, email"},
            "GoogleSignIn": {"ClientId-WebApp": "g", "Permissions": "email"},
            "AppleSignIn": {"Permissions": "name,email"},
        }));
        let pool = config.user_pool.unwrap();
        assert_eq!(pool.pool_id.as_str(), "us-east-1_AbCdEfGhI");
        assert_eq!(pool.client_id.as_str(), "client1");
        assert_eq!(pool.client_secret.as_ref().unwrap().reveal(), "hush");
        assert_eq!(pool.endpoint.url(), "https://auth.example.com/");
        assert_eq!(pool.auth_flow, AuthFlow::Custom);
        assert_eq!(pool.pinpoint_app_id.as_deref(), Some("pin"));
        assert!(!pool.is_persistent);
        let identity = config.identity_pool.unwrap();
        assert_eq!(identity.pool_id.region(), "us-east-1");
        assert_eq!(identity.endpoint.url(), "http://localhost:7665/");
        let oauth = config.oauth.unwrap();
        assert!(oauth.client_secret.is_none(), "an empty secret is none");
        assert_eq!(oauth.client_id.as_str(), "client2");
        assert_eq!(
            oauth.web_domain.as_deref(),
            Some("app.auth.us-east-1.amazoncognito.com")
        );
        assert_eq!(oauth.scopes, ["openid", "email"]);
        assert_eq!(oauth.sign_in_redirect_uris, ["myapp://in"]);
        assert_eq!(oauth.sign_out_redirect_uris, ["myapp://out"]);
        assert_eq!(oauth.sign_in_uri.as_deref(), Some("https://t.auth0.com/authorize"));
        assert_eq!(oauth.sign_out_uri.as_deref(), Some("https://t.auth0.com/v2/logout"));
        assert_eq!(oauth.token_uri.as_deref(), Some("https://t.auth0.com/oauth/token"));
        assert_eq!(oauth.sign_in_query, [("audience".to_owned(), "a".to_owned())]);
        assert_eq!(oauth.sign_out_query, [("returnTo".to_owned(), "b".to_owned())]);
        assert_eq!(oauth.token_query, [("c".to_owned(), "d".to_owned())]);
        assert_eq!(config.social.facebook.unwrap().permissions, ["public_profile", "email"]);
        assert_eq!(config.social.google.unwrap().client_id.as_deref(), Some("g"));
        assert_eq!(config.social.apple.unwrap().permissions, ["name", "email"]);
    }

    #[test]
    fn the_older_names_of_the_user_pool_keys_serve_too() {
        let pool = parse(json!({"CognitoUserPool": {"Default": {
            "CognitoUserPoolId": "eu-west-1_A", "CognitoUserPoolAppClientId": "c", "CognitoUserPoolAppClientSecret": "s"}}}))
        .user_pool
        .unwrap();
        assert_eq!(pool.pool_id.as_str(), "eu-west-1_A");
        assert_eq!(pool.client_secret.as_ref().unwrap().reveal(), "s");
        assert_eq!(pool.endpoint.url(), "https://cognito-idp.eu-west-1.amazonaws.com/");
    }

    #[test]
    fn a_region_other_than_the_pool_ids_is_that_of_a_replica() {
        let pool = parse(json!({"CognitoUserPool": {"Default": {
            "PoolId": "eu-west-1_A", "AppClientId": "c", "Region": "eu-central-1"}}}))
        .user_pool
        .unwrap();
        assert_eq!(pool.endpoint.url(), "https://cognito-idp.eu-central-1.amazonaws.com/");
        assert_eq!(pool.provider_name(), "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A");
    }

    #[test]
    fn migration_wins_over_the_named_flow() {
        let pool = parse(json!({
            "CognitoUserPool": {"Default": {"PoolId": "eu-west-1_A", "AppClientId": "c", "MigrationEnabled": true}},
            "Auth": {"Default": {"authenticationFlowType": "CUSTOM_AUTH"}},
        }))
        .user_pool
        .unwrap();
        assert_eq!(pool.auth_flow, AuthFlow::UserPassword);
    }

    #[test]
    fn one_pool_without_the_other_is_valid() {
        let only_user_pool =
            parse(json!({"CognitoUserPool": {"Default": {"PoolId": "eu-west-1_A", "AppClientId": "c"}}}));
        assert!(only_user_pool.identity_pool.is_none());
        let only_identity_pool =
            parse(json!({"CredentialsProvider": {"CognitoIdentity": {"Default": {"PoolId": "us-east-1:0a"}}}}));
        assert!(only_identity_pool.user_pool.is_none());
    }

    #[test]
    fn the_provider_name_keeps_the_host_of_aws() {
        let pool = parse(json!({"CognitoUserPool": {"Default": {
            "PoolId": "eu-west-1_A", "AppClientId": "c", "Endpoint": "auth.example.com"}}}))
        .user_pool
        .unwrap();
        assert_eq!(pool.provider_name(), "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A");
    }

    #[test]
    fn a_bad_value_is_named_by_its_path() {
        let pool = |extra: serde_json::Value| {
            let mut section = json!({"PoolId": "eu-west-1_A", "AppClientId": "c"});
            section
                .as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            json!({"CognitoUserPool": {"Default": section}})
        };
        for (document, path) in [
            (
                pool(json!({"PoolId": 7})),
                "CognitoUserPool.Default.PoolId must be a string",
            ),
            (
                pool(json!({"PoolId": "nonsense"})),
                "CognitoUserPool.Default.PoolId must be a user pool id",
            ),
            (
                pool(json!({"AppClientId": ""})),
                "CognitoUserPool.Default.AppClientId must be the app client id",
            ),
            (
                pool(json!({"PoolId": null})),
                "CognitoUserPool.Default.PoolId must be the id",
            ),
            (
                pool(json!({"Endpoint": "http://example.com"})),
                "CognitoUserPool.Default.Endpoint must be a host name",
            ),
            (
                pool(json!({"Region": "us-gov-east-1"})),
                "CognitoUserPool.Default.Region must be a region of the partition",
            ),
            (
                pool(json!({"Region": "us east"})),
                "CognitoUserPool.Default.Region must be a region such as",
            ),
            (
                json!({"CredentialsProvider": {"CognitoIdentity": {"Default": {
                    "PoolId": "us-east-1:0f6d", "Region": "us-east-2"}}}}),
                "CredentialsProvider.CognitoIdentity.Default.Region must be the region",
            ),
            (
                pool(json!({"MigrationEnabled": "yes"})),
                "CognitoUserPool.Default.MigrationEnabled must be true or false",
            ),
            (
                json!({"CognitoUserPool": {"Default": []}}),
                "CognitoUserPool.Default must be an object",
            ),
            (
                json!({"Auth": {"Default": {"OAuth": {"AppClientId": "c", "WebDomain": "https://x"}}}}),
                "Auth.Default.OAuth.WebDomain must be a host name",
            ),
            (
                json!({"Auth": {"Default": {"OAuth": {"WebDomain": "login.example.com"}}}}),
                "Auth.Default.OAuth.AppClientId must be the app client id",
            ),
            (
                json!({"Auth": {"Default": {"Persistence": "no"}}}),
                "Auth.Default.Persistence must be true or false",
            ),
            (
                json!({"Auth": {"Default": {"OAuth": {"AppClientId": "c", "Scopes": "openid"}}}}),
                "Auth.Default.OAuth.Scopes must be a list",
            ),
            (
                json!({"CredentialsProvider": {"CognitoIdentity": {"Default": {"PoolId": "x"}}}}),
                "CredentialsProvider.CognitoIdentity.Default.PoolId must be an identity pool id",
            ),
        ] {
            let message = complaint(document);
            assert!(message.contains(path), "{message} / {path}");
        }
        let flow = json!({"Auth": {"Default": {"authenticationFlowType": "X"}},
            "CognitoUserPool": {"Default": {"PoolId": "eu-west-1_A", "AppClientId": "c"}}});
        assert!(complaint(flow).contains("Auth.Default.authenticationFlowType"));
    }
}
