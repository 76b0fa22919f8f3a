//! Signing in with a user pool: `InitiateAuth`, then `RespondToAuthChallenge` until there are tokens.

use crate::core::api::http::Request;
use crate::core::api::user_pool::{self, AuthAnswer, AuthenticationResult, Challenge, PasswordClaim, Service};
use crate::core::config::AuthFlow;
use crate::core::error::{AuthError, Code};
use crate::core::json::{self, Reader, StringMap, Value};
use crate::core::names::Username;
use crate::core::secret::{ChallengeSession, Password};
use crate::core::srp::{self, Ephemeral, PasswordChallenge, SrpError};

/// What the user typed, and what the app adds for the pool's Lambda triggers.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The user name, or an alias of it.
    pub username: Username,
    /// The password.
    pub password: Password,
    /// `ClientMetadata` of `InitiateAuth`.
    pub initial_metadata: StringMap,
    /// `ClientMetadata` of every response to a challenge.
    pub client_metadata: StringMap,
}

/// A sign-in that waits for an answer of the service.
#[derive(Debug)]
pub struct SignIn {
    username: Username,
    client_metadata: StringMap,
    proof: Option<Box<Proof>>,
}

/// What proves the password once the service has sent its challenge.
#[derive(Debug)]
struct Proof {
    password: Password,
    ephemeral: Ephemeral,
}

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// Send this, and give the answer to [`SignIn::next`].
    Send(SignIn, Request),
    /// Ask the user.
    Ask(PendingChallenge),
    /// The tokens.
    Done(AuthenticationResult),
}

/// A challenge that only the user can answer. It stays open until an answer is accepted.
#[derive(Clone, Debug)]
pub struct PendingChallenge {
    /// Who signs in.
    pub username: Username,
    session: Option<ChallengeSession>,
    /// What is asked.
    pub question: Question,
}

/// What a challenge asks the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// `NEW_PASSWORD_REQUIRED`: a password of the user's own, and the attributes the pool requires.
    NewPassword {
        /// Names without the wire's prefix.
        required_attributes: Vec<String>,
        /// What the pool knows already.
        user_attributes: StringMap,
    },
}

/// Begins a sign-in with the flow that the configuration names.
///
/// # Errors
/// [`Code::InvalidConfiguration`] for `CUSTOM_AUTH`, which this version does not have.
pub fn start(
    service: Service<'_>,
    credentials: Credentials,
    ephemeral: impl FnOnce() -> Result<Ephemeral, AuthError>,
) -> Result<(SignIn, Request), AuthError> {
    let Credentials {
        username,
        password,
        initial_metadata,
        client_metadata,
    } = credentials;
    let (proof, request) = match service.pool.auth_flow {
        AuthFlow::UserSrp => {
            let ephemeral = ephemeral()?;
            let request = user_pool::user_srp_auth(service, &username, &ephemeral.srp_a(), &initial_metadata);
            (Some(Box::new(Proof { password, ephemeral })), request)
        }
        AuthFlow::UserPassword => (
            None,
            user_pool::user_password_auth(service, &username, &password, &initial_metadata),
        ),
        AuthFlow::Custom => {
            return Err(AuthError::new(
                Code::InvalidConfiguration,
                "Auth.Default.authenticationFlowType is CUSTOM_AUTH, which this version cannot do. Use USER_SRP_AUTH.",
            ));
        }
    };
    Ok((
        SignIn {
            username,
            client_metadata,
            proof,
        },
        request,
    ))
}

impl SignIn {
    /// Takes the service's answer, which arrived at `now`.
    ///
    /// # Errors
    /// [`Code::NotAuthorized`] when the service's numbers would give the password away; [`Code::Unknown`] for a
    /// challenge that this version has no answer to, or one that is incomplete.
    pub fn next(self, service: Service<'_>, answer: AuthAnswer, now: i64) -> Result<Step, AuthError> {
        let challenge = match answer {
            AuthAnswer::Tokens(result) => return Ok(Step::Done(result)),
            AuthAnswer::Challenge(challenge) => challenge,
        };
        // From the first challenge on, the user has the name that the service says.
        let username = challenge
            .parameter("USER_ID_FOR_SRP")
            .map_or(self.username, Username::new);
        match (challenge.name.as_str(), self.proof) {
            ("PASSWORD_VERIFIER", Some(proof)) => {
                prove(service, &challenge, username, proof, self.client_metadata, now)
            }
            ("NEW_PASSWORD_REQUIRED", _) => Ok(Step::Ask(PendingChallenge {
                username,
                question: Question::NewPassword {
                    required_attributes: required_attributes(&challenge),
                    user_attributes: user_attributes(&challenge),
                },
                session: challenge.session,
            })),
            (name, _) => Err(AuthError::new(
                Code::Unknown,
                format!("The user pool asks for {name}, which this version cannot answer."),
            )),
        }
    }
}

impl PendingChallenge {
    /// Answers with a new password, and with the attributes that go with it.
    pub fn answer(
        &self,
        service: Service<'_>,
        response: &Password,
        user_attributes: &StringMap,
        client_metadata: StringMap,
    ) -> (SignIn, Request) {
        let Question::NewPassword { .. } = self.question;
        let request = user_pool::new_password(
            service,
            &self.username,
            self.session.as_ref(),
            response,
            user_attributes,
            &client_metadata,
        );
        (
            SignIn {
                username: self.username.clone(),
                client_metadata,
                proof: None,
            },
            request,
        )
    }
}

fn prove(
    service: Service<'_>,
    challenge: &Challenge,
    username: Username,
    proof: Box<Proof>,
    client_metadata: StringMap,
    now: i64,
) -> Result<Step, AuthError> {
    let secret_block = challenge.required("SECRET_BLOCK")?;
    let question = PasswordChallenge {
        pool_name: service.pool.pool_id.pool_name(),
        user_id: username.as_str(),
        salt: challenge.required("SALT")?,
        srp_b: challenge.required("SRP_B")?,
        secret_block,
    };
    let timestamp = srp::timestamp(now);
    let signature = proof
        .ephemeral
        .prove(&question, proof.password.reveal(), &timestamp)
        .map_err(refuse)?;
    let claim = PasswordClaim {
        username: &username,
        signature: &signature,
        secret_block,
        timestamp: &timestamp,
    };
    let request = user_pool::password_verifier(service, &claim, challenge.session.as_ref(), &client_metadata);
    Ok(Step::Send(
        SignIn {
            username,
            client_metadata,
            proof: None,
        },
        request,
    ))
}

/// Numbers that break the protocol come from no honest service, so the sign-in ends.
pub fn refuse(error: SrpError) -> AuthError {
    let (code, message) = match error {
        SrpError::ZeroA => (Code::Internal, "The device's source of random bytes is broken."),
        SrpError::ZeroB | SrpError::ZeroU => (
            Code::NotAuthorized,
            "The sign-in was stopped: the service's answer breaks the SRP protocol.",
        ),
        _ => (
            Code::Unknown,
            "The sign-in was stopped: the service's challenge cannot be read.",
        ),
    };
    AuthError::new(code, message).caused_by(error.to_string())
}

fn required_attributes(challenge: &Challenge) -> Vec<String> {
    let names = challenge.parameter("requiredAttributes").and_then(json::parse);
    let strip = |name: &str| name.strip_prefix("userAttributes.").unwrap_or(name).to_owned();
    names
        .as_ref()
        .and_then(Value::as_list)
        .map(|names| names.iter().filter_map(Value::as_text).map(strip).collect())
        .unwrap_or_default()
}

fn user_attributes(challenge: &Challenge) -> StringMap {
    let attributes = challenge.parameter("userAttributes").and_then(json::parse);
    let texts = |attributes: &Reader<'_>| {
        attributes
            .keys()
            .filter_map(|name| Some((name.to_owned(), attributes.text(name)?.to_owned())))
            .collect()
    };
    attributes
        .and_then(|attributes| json::read(&attributes, texts).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{map, pool_config};
    use serde_json::json;

    const NOW: i64 = 1_792_069_445; // Thu Oct 15 13:04:05 UTC 2026

    fn credentials() -> Credentials {
        Credentials {
            username: Username::new("alice@example.com"),
            password: Password::new("Correct-Horse7Battery!"),
            initial_metadata: map(&[("v", "1")]),
            client_metadata: map(&[("m", "2")]),
        }
    }

    fn start_srp() -> SignIn {
        let (sign_in, request) = start(Service::new(&pool_config(None)), credentials(), || {
            Ok(Ephemeral::new(&[7; 32]).unwrap())
        })
        .unwrap();
        assert_eq!(body(&request)["AuthFlow"], "USER_SRP_AUTH");
        assert_eq!(body(&request)["ClientMetadata"], json!({"v": "1"}));
        assert!(!body(&request).to_string().contains("Correct-Horse7"));
        sign_in
    }

    fn body(request: &Request) -> serde_json::Value {
        serde_json::from_str(&request.body.as_ref().unwrap().json).unwrap()
    }

    fn challenge(name: &str, parameters: &[(&str, &str)]) -> AuthAnswer {
        AuthAnswer::Challenge(Challenge {
            name: name.into(),
            session: Some(ChallengeSession::new("session")),
            parameters: map(parameters),
        })
    }

    const VERIFIER: [(&str, &str); 5] = [
        ("USER_ID_FOR_SRP", "3a1f0c52"),
        ("USERNAME", "3a1f0c52"),
        ("SALT", "5f63bd8c"),
        ("SRP_B", "b0e9d5c7"),
        ("SECRET_BLOCK", "c2VjcmV0"),
    ];

    #[test]
    fn the_password_is_proven_under_the_name_that_the_service_says() {
        let step = start_srp()
            .next(
                Service::new(&pool_config(None)),
                challenge("PASSWORD_VERIFIER", &VERIFIER),
                NOW,
            )
            .unwrap();
        let Step::Send(_, request) = step else {
            panic!("{step:?}")
        };
        let sent = body(&request);
        assert_eq!(sent["ChallengeResponses"]["USERNAME"], "3a1f0c52");
        assert_eq!(sent["ChallengeResponses"]["TIMESTAMP"], "Thu Oct 15 13:04:05 UTC 2026");
        assert_eq!(sent["ChallengeResponses"]["PASSWORD_CLAIM_SECRET_BLOCK"], "c2VjcmV0");
        assert_eq!(sent["ClientMetadata"], json!({"m": "2"}));
        assert_eq!(sent["Session"], "session");
    }

    #[test]
    fn a_service_whose_numbers_break_the_protocol_gets_no_proof() {
        for srp_b in ["0", "", "zz"] {
            let mut parameters = VERIFIER;
            parameters[3].1 = srp_b;
            let error = start_srp()
                .next(
                    Service::new(&pool_config(None)),
                    challenge("PASSWORD_VERIFIER", &parameters),
                    NOW,
                )
                .unwrap_err();
            let code = if srp_b == "0" {
                Code::NotAuthorized
            } else {
                Code::Unknown
            };
            assert_eq!(error.code, code, "{srp_b}");
            assert!(error.cause.is_some());
        }
    }

    #[test]
    fn a_challenge_that_lacks_a_parameter_names_it() {
        let error = start_srp()
            .next(
                Service::new(&pool_config(None)),
                challenge("PASSWORD_VERIFIER", &VERIFIER[..3]),
                NOW,
            )
            .unwrap_err();
        assert!(error.message.contains("SECRET_BLOCK"), "{}", error.message);
    }

    #[test]
    fn a_new_password_is_asked_for_and_may_be_answered_twice() {
        let pool = pool_config(None);
        let parameters = [
            ("USER_ID_FOR_SRP", "3a1f0c52"),
            ("requiredAttributes", r#"["userAttributes.given_name"]"#),
            ("userAttributes", r#"{"email":"a@b.c","email_verified":"true"}"#),
        ];
        let step = start_srp()
            .next(
                Service::new(&pool),
                challenge("NEW_PASSWORD_REQUIRED", &parameters),
                NOW,
            )
            .unwrap();
        let Step::Ask(pending) = step else { panic!("{step:?}") };
        assert_eq!(
            pending.question,
            Question::NewPassword {
                required_attributes: vec!["given_name".into()],
                user_attributes: map(&[("email", "a@b.c"), ("email_verified", "true")]),
            }
        );
        for password in ["too weak", "Better-Horse8!"] {
            let (_, request) = pending.answer(
                Service::new(&pool),
                &Password::new(password),
                &map(&[("given_name", "A")]),
                map(&[("m", "3")]),
            );
            let sent = body(&request);
            assert_eq!(sent["Session"], "session");
            assert_eq!(sent["ClientMetadata"], json!({"m": "3"}));
            assert_eq!(
                sent["ChallengeResponses"],
                json!({"USERNAME": "3a1f0c52", "NEW_PASSWORD": password, "userAttributes.given_name": "A"})
            );
        }
    }

    #[test]
    fn attributes_that_cannot_be_read_are_none() {
        for text in ["", "[", "{}", "7", "null"] {
            let parameters = [("requiredAttributes", text), ("userAttributes", text)];
            let step = start_srp()
                .next(
                    Service::new(&pool_config(None)),
                    challenge("NEW_PASSWORD_REQUIRED", &parameters),
                    NOW,
                )
                .unwrap();
            let Step::Ask(pending) = step else { panic!("{step:?}") };
            let Question::NewPassword {
                required_attributes,
                user_attributes,
            } = pending.question;
            assert!(required_attributes.is_empty() && user_attributes.is_empty(), "{text}");
        }
    }

    #[test]
    fn a_challenge_without_an_answer_is_named() {
        for name in ["SMS_MFA", "PASSWORD_VERIFIER_2", "X"] {
            let error = start_srp()
                .next(Service::new(&pool_config(None)), challenge(name, &[]), NOW)
                .unwrap_err();
            assert_eq!(error.code, Code::Unknown);
            assert!(error.message.contains(name));
        }
    }

    #[test]
    fn a_pool_that_migrates_users_is_sent_the_password() {
        let mut pool = pool_config(None);
        pool.auth_flow = AuthFlow::UserPassword;
        let (_, request) = start(Service::new(&pool), credentials(), || panic!("no ephemeral is needed")).unwrap();
        assert_eq!(body(&request)["AuthFlow"], "USER_PASSWORD_AUTH");
        assert_eq!(body(&request)["AuthParameters"]["PASSWORD"], "Correct-Horse7Battery!");
    }

    #[test]
    fn custom_auth_is_refused_before_anything_is_sent() {
        let mut pool = pool_config(None);
        pool.auth_flow = AuthFlow::Custom;
        let error = start(Service::new(&pool), credentials(), || panic!("no ephemeral is needed")).unwrap_err();
        assert_eq!(error.code, Code::InvalidConfiguration);
    }
}
