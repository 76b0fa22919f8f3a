//! The `aws-exports` object, the configuration of Amplify's first generation.

use super::{Config, IdentityPoolConfig, OAuthConfig, SocialConfig, UserPoolConfig};
use super::{host, identity_pool_id, pool_and_client};
use crate::core::json::{Misfit, Reader};
use crate::core::names::ClientId;

pub(super) fn read(root: &Reader<'_>) -> Result<Config, Misfit> {
    let pool = pool_and_client(root, "aws_user_pools_id", "aws_user_pools_web_client_id")?;
    let oauth = match &pool {
        Some((_, client_id)) => oauth(&root.section("oauth")?, client_id)?,
        None => None,
    };
    Ok(Config {
        user_pool: pool.map(|(pool_id, client_id)| UserPoolConfig::of_aws(pool_id, client_id)),
        identity_pool: identity_pool_id(root, "aws_cognito_identity_pool_id")?.map(IdentityPoolConfig::of_aws),
        oauth,
        social: SocialConfig::default(),
    })
}

/// An `oauth` section without members is what the tool writes for an app that has no hosted login.
fn oauth(section: &Reader<'_>, client_id: &ClientId) -> Result<Option<OAuthConfig>, Misfit> {
    if !section.has("domain") {
        return Ok(None);
    }
    Ok(Some(OAuthConfig {
        web_domain: host(section, "domain")?,
        scopes: section.texts("scope")?.unwrap_or_default(),
        sign_in_redirect_uris: comma_list(section, "redirectSignIn")?,
        sign_out_redirect_uris: comma_list(section, "redirectSignOut")?,
        ..OAuthConfig::of_client(client_id.clone())
    }))
}

fn comma_list(section: &Reader<'_>, key: &str) -> Result<Vec<String>, Misfit> {
    let text = section.filled_text(key)?.unwrap_or_default();
    Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(String::from).collect())
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
        assert_eq!(config.oauth.unwrap().sign_in_redirect_uris, ["http://localhost/", "https://app/"]);
    }

    #[test]
    fn an_empty_oauth_section_is_no_hosted_login() {
        let text = r#"{"aws_user_pools_id":"eu-west-1_A","aws_user_pools_web_client_id":"c","oauth":{}}"#;
        assert!(Config::parse(text).unwrap().oauth.is_none());
    }
}
