//! The object that `Amplify.configure()` of Amplify's sixth version takes, and `Amplify.getConfig()` returns.

use std::rc::Rc;

use super::{Config, OAuthConfig, SocialConfig, amplify_identity_pool, amplify_user_pool, host};
use crate::core::json::Reader;

pub(super) fn read(root: &Reader<'_>) -> Config {
    let auth = root.section("Auth").section("Cognito");
    let user_pool = amplify_user_pool(&auth, ["userPoolId", "userPoolClientId", "userPoolEndpoint"]);
    let login = auth.section("loginWith");
    let oauth = login.section("oauth");
    Config {
        oauth: user_pool
            .as_ref()
            .filter(|_| login.has("oauth"))
            .map(|pool| OAuthConfig {
                web_domain: host(&oauth, "domain"),
                scopes: oauth.texts("scopes"),
                sign_in_redirect_uris: oauth.texts("redirectSignIn"),
                sign_out_redirect_uris: oauth.texts("redirectSignOut"),
                ..OAuthConfig::of_client(pool.client_id.clone())
            }),
        user_pool: user_pool.map(Rc::new),
        identity_pool: amplify_identity_pool(&auth, ["identityPoolId", "identityPoolEndpoint"]),
        social: SocialConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amplify_s_runtime_object_is_read() {
        let document = json!({"Auth": {"Cognito": {
            "userPoolId": "us-east-1_AbC", "userPoolClientId": "c", "userPoolEndpoint": "http://localhost:9229",
            "identityPoolId": "us-east-1:0f6d", "identityPoolEndpoint": "identity.example.com",
            "allowGuestAccess": true, "signUpVerificationMethod": "code", "mfa": {"status": "optional"},
            "loginWith": {"email": true, "oauth": {"domain": "d.example.com", "scopes": ["openid"],
                "redirectSignIn": ["https://app/"], "redirectSignOut": ["https://out/"], "responseType": "code"}}}},
            "API": {"REST": {}}});
        let config = Config::parse(&document.to_string()).unwrap();
        let pool = config.user_pool.unwrap();
        assert_eq!(
            (pool.pool_id.as_str(), pool.client_id.as_str(), pool.endpoint.url()),
            ("us-east-1_AbC", "c", "http://localhost:9229/")
        );
        let identity_pool = config.identity_pool.unwrap();
        assert_eq!(identity_pool.pool_id.as_str(), "us-east-1:0f6d");
        assert_eq!(identity_pool.endpoint.url(), "https://identity.example.com/");
        let oauth = config.oauth.unwrap();
        assert_eq!(oauth.web_domain.as_deref(), Some("d.example.com"));
        assert_eq!(oauth.sign_out_redirect_uris, ["https://out/"]);
    }

    #[test]
    fn a_bad_value_is_named_by_its_path() {
        let document = r#"{"Auth":{"Cognito":{"userPoolId":"us-east-1_A","userPoolClientId":"c",
            "loginWith":{"oauth":{"domain":"https://d.example.com"}}}}}"#;
        let error = Config::parse(document).unwrap_err();
        let expected = "Auth.Cognito.loginWith.oauth.domain must be a host name";
        assert!(error.message.contains(expected), "{}", error.message);
    }
}
