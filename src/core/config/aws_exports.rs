//! The `aws-exports` object, the configuration of Amplify's first generation.

use super::{Config, IdentityPoolConfig, OAuthConfig, SocialConfig, UserPoolConfig};
use super::{comma_list, host, identity_pool_id, pool_and_client};
use crate::core::json::Reader;

pub(super) fn read(root: &Reader<'_>) -> Config {
    let pool = pool_and_client(root, "aws_user_pools_id", "aws_user_pools_web_client_id");
    let oauth = root.section("oauth");
    Config {
        // A section without members is what the tool writes for an app that has no hosted login.
        oauth: pool
            .as_ref()
            .filter(|_| oauth.has("domain"))
            .map(|(_, client_id)| OAuthConfig {
                web_domain: host(&oauth, "domain"),
                scopes: oauth.texts("scope"),
                sign_in_redirect_uris: comma_list(&oauth, "redirectSignIn"),
                sign_out_redirect_uris: comma_list(&oauth, "redirectSignOut"),
                ..OAuthConfig::of_client(client_id.clone())
            }),
        user_pool: pool.map(|(pool_id, client_id)| UserPoolConfig::of_aws(pool_id, client_id)),
        identity_pool: identity_pool_id(root, "aws_cognito_identity_pool_id").map(IdentityPoolConfig::of_aws),
        social: SocialConfig::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn aws_exports_are_read() {
        let document = json!({
            "aws_project_region": "eu-west-1", "aws_cognito_region": "eu-west-1",
            "aws_user_pools_id": "eu-west-1_A", "aws_user_pools_web_client_id": "c",
            "aws_cognito_identity_pool_id": "eu-west-1:0f", "federationTarget": "COGNITO_USER_POOLS",
            "oauth": {"domain": "d.example.com", "scope": ["openid"], "redirectSignIn": "http://localhost/,https://app/",
                "redirectSignOut": "https://out/", "responseType": "code"},
        });
        let config = Config::parse(&document.to_string()).unwrap();
        assert_eq!(config.user_pool.unwrap().client_id.as_str(), "c");
        assert_eq!(config.identity_pool.unwrap().pool_id.as_str(), "eu-west-1:0f");
        assert_eq!(
            config.oauth.unwrap().sign_in_redirect_uris,
            ["http://localhost/", "https://app/"]
        );
    }

    #[test]
    fn an_empty_oauth_section_is_no_hosted_login() {
        let text = r#"{"aws_user_pools_id":"eu-west-1_A","aws_user_pools_web_client_id":"c","oauth":{}}"#;
        assert!(Config::parse(text).unwrap().oauth.is_none());
    }
}
