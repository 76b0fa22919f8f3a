//! What is said of a configuration that names no user pool, no identity pool and no hosted login: which names it has,
//! and which were meant. Without this it would be a valid configuration of nothing, and every call would fail later.

use super::{Config, USER_POOL_KEYS};
use crate::core::error::{AuthError, Code};
use crate::core::json::Value;

/// How many of the document's names an error lists. It could be any document, such as another file of the app's.
const LISTED: usize = 6;
/// How many pieces of advice it gives.
const ADVICE: usize = 3;
/// How many characters of a name it shows.
const SHOWN: usize = 60;

/// The keys of user pool, app client and identity pool in each format.
const AWSCONFIGURATION: [&str; 3] = [
    "CognitoUserPool.Default.PoolId",
    "CognitoUserPool.Default.AppClientId",
    "CredentialsProvider.CognitoIdentity.Default.PoolId",
];
const AMPLIFY_OUTPUTS: [&str; 3] = ["auth.user_pool_id", "auth.user_pool_client_id", "auth.identity_pool_id"];
const AWS_EXPORTS: [&str; 3] = [
    "aws_user_pools_id",
    "aws_user_pools_web_client_id",
    "aws_cognito_identity_pool_id",
];
const AMPLIFY_RESOURCES: [&str; 3] = [
    "Auth.Cognito.userPoolId",
    "Auth.Cognito.userPoolClientId",
    "Auth.Cognito.identityPoolId",
];

/// Whether there is a section for a user pool, and nothing was found in it, although another section was understood.
pub(super) fn has_unread_user_pool(document: &Value, config: &Config) -> bool {
    config.user_pool.is_none()
        && document
            .get("CognitoUserPool")
            .is_some_and(|section| !is_blank(section))
}

/// The error about a document in which no user pool was found.
pub(super) fn error(document: &Value) -> AuthError {
    let mut members = Vec::new();
    collect(document, "", &mut members);
    let mut message = String::from("The configuration names no user pool. ");
    if members.is_empty() {
        message.push_str("It has no keys.");
    } else {
        let names: Vec<&str> = members.iter().take(LISTED).map(|member| shown(&member.path)).collect();
        let more = if members.len() > LISTED { " and more" } else { "" };
        message.push_str(&format!("It has {}{more}.", names.join(", ")));
    }
    let mut advice: Vec<String> = Vec::new();
    for text in members.iter().filter_map(Member::advice) {
        if !advice.contains(&text) && advice.len() < ADVICE {
            advice.push(text);
        }
    }
    message.push(' ');
    if advice.is_empty() {
        message.push_str(USER_POOL_KEYS);
    } else {
        message.push_str(&advice.join(" "));
    }
    AuthError::new(Code::InvalidConfiguration, message)
}

/// A value that is no section, or an empty one.
struct Member {
    path: String,
    is_blank: bool,
}

impl Member {
    fn advice(&self) -> Option<String> {
        let path = shown(&self.path);
        let known = nearest(&self.path)?;
        match self.path.strip_suffix(known) {
            Some("") => self.is_blank.then(|| format!("{path} has no value.")),
            Some(wrapper) if wrapper.ends_with('.') => Some(format!(
                "Pass the object at {}, and not what is around it.",
                shown(wrapper.trim_end_matches('.'))
            )),
            _ => Some(format!("Write {known} instead of {path}.")),
        }
    }
}

fn collect(value: &Value, path: &str, members: &mut Vec<Member>) {
    match value {
        Value::Object(sections) if !sections.is_empty() => {
            for (name, value) in sections {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(value, &path, members);
            }
        }
        _ if path.is_empty() => {}
        value => members.push(Member {
            path: path.into(),
            is_blank: is_blank(value),
        }),
    }
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Text(text) => text.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The known key that a name could be meant for, in the format whose way of writing it has.
fn nearest(path: &str) -> Option<&'static str> {
    let (section, name) = path.rsplit_once('.').unwrap_or(("", path));
    // A hosted login and social sign-ins have client ids of their own.
    if section.ends_with("OAuth") || section.ends_with("SignIn") {
        return None;
    }
    let letters = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let plain = letters(name);
    let role = match plain.strip_prefix("aws").unwrap_or(&plain) {
        "identitypoolid" | "cognitoidentitypoolid" => 2,
        "poolid" | "userpoolid" if letters(section).contains("identity") => 2,
        "poolid" | "userpoolid" | "userpoolsid" | "cognitouserpoolid" => 0,
        "clientid"
        | "appclientid"
        | "userpoolclientid"
        | "userpoolwebclientid"
        | "userpoolswebclientid"
        | "cognitouserpoolappclientid" => 1,
        _ => return None,
    };
    let keys = if plain.starts_with("aws") {
        AWS_EXPORTS
    } else if name.contains('_') {
        AMPLIFY_OUTPUTS
    } else if name.starts_with("userPool") || name.starts_with("identityPool") {
        AMPLIFY_RESOURCES
    } else {
        AWSCONFIGURATION
    };
    keys.get(role).copied()
}

/// As much of a name as an error shows.
fn shown(name: &str) -> &str {
    let end = name.char_indices().nth(SHOWN).map_or(name.len(), |(end, _)| end);
    name.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(document: &str) -> String {
        let error = Config::parse(document).unwrap_err();
        assert_eq!(error.code, Code::InvalidConfiguration);
        error.message.to_string()
    }

    #[test]
    fn what_was_found_and_what_was_meant_is_named() {
        for (document, found, advice) in [
            ("{}", "no keys", USER_POOL_KEYS),
            (
                r#"{"UserPoolId": "us-east-1_A", "ClientId": "c"}"#,
                "UserPoolId, ClientId",
                "Write CognitoUserPool.Default.PoolId instead of UserPoolId. \
                 Write CognitoUserPool.Default.AppClientId instead of ClientId.",
            ),
            (
                r#"{"cognitouserpool": {"default": {"poolid": "us-east-1_A", "appclientid": "c"}}}"#,
                "cognitouserpool.default.poolid, cognitouserpool.default.appclientid",
                "Write CognitoUserPool.Default.PoolId instead of cognitouserpool.default.poolid. \
                 Write CognitoUserPool.Default.AppClientId instead of cognitouserpool.default.appclientid.",
            ),
            (
                r#"{"CognitoUserPool": {"PoolId": "us-east-1_A", "AppClientId": "c"}}"#,
                "CognitoUserPool.PoolId, CognitoUserPool.AppClientId",
                "Write CognitoUserPool.Default.PoolId instead of CognitoUserPool.PoolId. \
                 Write CognitoUserPool.Default.AppClientId instead of CognitoUserPool.AppClientId.",
            ),
            (
                r#"{"Auth": {"region": "us-east-1", "userPoolId": "us-east-1_A", "userPoolWebClientId": "c"}}"#,
                "Auth.region, Auth.userPoolId, Auth.userPoolWebClientId",
                "Write Auth.Cognito.userPoolId instead of Auth.userPoolId. \
                 Write Auth.Cognito.userPoolClientId instead of Auth.userPoolWebClientId.",
            ),
            (
                r#"{"user_pool_id": "us-east-1_A", "user_pool_client_id": "c"}"#,
                "user_pool_id, user_pool_client_id",
                "Write auth.user_pool_id instead of user_pool_id. \
                 Write auth.user_pool_client_id instead of user_pool_client_id.",
            ),
            (
                r#"{"AWS_USER_POOLS_ID": "us-east-1_A"}"#,
                "AWS_USER_POOLS_ID",
                "Write aws_user_pools_id instead of AWS_USER_POOLS_ID.",
            ),
            (
                r#"{"default": {"CognitoUserPool": {"Default": {"PoolId": "us-east-1_A", "AppClientId": "c"}}}}"#,
                "default.CognitoUserPool.Default.PoolId, default.CognitoUserPool.Default.AppClientId",
                "Pass the object at default, and not what is around it.",
            ),
            (
                r#"{"default": {"aws_user_pools_id": "us-east-1_A", "aws_user_pools_web_client_id": "c"}}"#,
                "default.aws_user_pools_id, default.aws_user_pools_web_client_id",
                "Pass the object at default, and not what is around it.",
            ),
            (
                r#"{"configuration": "{\"CognitoUserPool\":{}}"}"#,
                "configuration",
                USER_POOL_KEYS,
            ),
            (
                r#"{"CognitoUserPool": {"Default": {}}}"#,
                "CognitoUserPool.Default",
                USER_POOL_KEYS,
            ),
            (
                r#"{"CognitoUserPool": {"Default": {"PoolId": "", "AppClientId": null}}}"#,
                "CognitoUserPool.Default.PoolId, CognitoUserPool.Default.AppClientId",
                "CognitoUserPool.Default.PoolId has no value. CognitoUserPool.Default.AppClientId has no value.",
            ),
            (
                r#"{"aws_project_region": "us-east-1", "aws_user_pools_id": ""}"#,
                "aws_project_region, aws_user_pools_id",
                "aws_user_pools_id has no value.",
            ),
            (r#"{"auth": {}}"#, "auth", USER_POOL_KEYS),
            (
                r#"{"identityPoolId": "us-east-1:0a"}"#,
                "identityPoolId",
                "Write Auth.Cognito.identityPoolId instead of identityPoolId.",
            ),
            (
                r#"{"CognitoIdentity": {"Default": {"PoolId": "us-east-1:0a"}}}"#,
                "CognitoIdentity.Default.PoolId",
                "Write CredentialsProvider.CognitoIdentity.Default.PoolId instead of CognitoIdentity.Default.PoolId.",
            ),
            (
                r#"{"GoogleSignIn": {"ClientId": "g"}}"#,
                "GoogleSignIn.ClientId",
                USER_POOL_KEYS,
            ),
        ] {
            let expected = format!("The configuration names no user pool. It has {found}. {advice}");
            assert_eq!(message(document), expected);
        }
    }

    #[test]
    fn a_user_pool_that_is_not_read_is_told_beside_a_section_that_is() {
        let identity_pool = r#""CredentialsProvider": {"CognitoIdentity": {"Default": {"PoolId": "us-east-1:0a"}}}"#;
        assert!(Config::parse(&format!("{{{identity_pool}}}")).is_ok());
        let user_pool = r#""CognitoUserPool": {"PoolId": "us-east-1_A", "AppClientId": "c"}"#;
        let message = message(&format!("{{{identity_pool}, {user_pool}}}"));
        let advice = "Write CognitoUserPool.Default.PoolId instead of CognitoUserPool.PoolId. \
                      Write CognitoUserPool.Default.AppClientId instead of CognitoUserPool.AppClientId.";
        assert!(message.ends_with(advice), "{message}");
    }

    #[test]
    fn another_document_shows_a_few_names_and_no_value() {
        let many: String = (0..100).map(|at| format!(r#""name{at}": "VALUE","#)).collect();
        let long = "x".repeat(1000);
        let message = message(&format!(r#"{{{many} "{long}": {{"PoolId": "VALUE"}}}}"#));
        assert!(
            message.contains("It has name0, name1, name2, name3, name4, name5 and more."),
            "{message}"
        );
        assert!(!message.contains("VALUE"), "{message}");
        assert!(message.len() < 400, "{message}");
    }
}
