//! Cognito as far as sessions go, with a book of every token it has issued.

use serde_json::{Value, json};

use crate::core::api::http::Request;
use crate::ports::Millis;
use crate::testing::jwt;

/// The users of the pool.
pub(super) const USERS: [&str; 2] = ["alice", "bob"];

pub(super) const PASSWORD: &str = "Correct-Horse7Battery!";

/// How long a session may be renewed.
const FAMILY_LIFE: Millis = 30 * 24 * 3_600_000;

/// The service.
#[derive(Debug)]
pub(super) struct Cognito {
    /// With rotation, for how long a spent refresh token still works.
    pub(super) rotation: Option<Millis>,
    /// The life of access and ID tokens, in seconds.
    pub(super) life: i64,
    /// Whether it knows `GetTokensFromRefreshToken`.
    pub(super) is_modern: bool,
    pub(super) families: Vec<Family>,
    pub(super) refresh_tokens: Vec<RefreshToken>,
    pub(super) issues: Vec<Issue>,
}

/// A sign-in and all tokens that came from it.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) user: usize,
    pub(super) is_revoked: bool,
    begun: Millis,
}

#[derive(Debug)]
pub(super) struct RefreshToken {
    pub(super) family: usize,
    /// After its first use under rotation, when it ceases to work.
    spent_until: Option<Millis>,
}

/// An access token and an ID token that were issued together, and the refresh token that goes on from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Issue {
    pub(super) family: usize,
    pub(super) refresh_token: usize,
    pub(super) expires: Millis,
}

/// What the service says to a request: status and document, and for a refresh what it means.
pub(super) type Answer = (u16, Value);

impl Cognito {
    pub(super) fn new(rotation: Option<Millis>, life: i64, is_modern: bool) -> Self {
        Self {
            rotation,
            life,
            is_modern,
            families: Vec::new(),
            refresh_tokens: Vec::new(),
            issues: Vec::new(),
        }
    }

    pub(super) fn serve(&mut self, request: &Request, now: Millis) -> Answer {
        let body = body(request);
        match request.subject() {
            "InitiateAuth" if body["AuthFlow"] == "REFRESH_TOKEN_AUTH" => {
                if self.rotation.is_some() {
                    return refusal("UnsupportedOperationException");
                }
                self.refresh(&body["AuthParameters"]["REFRESH_TOKEN"], now)
            }
            "InitiateAuth" => self.sign_in(&body["AuthParameters"], now),
            "GetTokensFromRefreshToken" if self.is_modern => self.refresh(&body["RefreshToken"], now),
            "RevokeToken" => {
                if let Some(token) = self.refresh_token(&body["Token"]) {
                    let family = self.refresh_tokens[token].family;
                    self.families[family].is_revoked = true;
                }
                (200, json!({}))
            }
            "GlobalSignOut" => self.sign_out_globally(&body["AccessToken"], now),
            _ => refusal("UnknownOperationException"),
        }
    }

    /// Ends every session of a user, as an administrator can.
    pub(super) fn revoke_user(&mut self, user: usize) {
        for family in self.families.iter_mut().filter(|family| family.user == user) {
            family.is_revoked = true;
        }
    }

    /// How long ago the last tokens were issued.
    pub(super) fn age_of_last(&self, now: Millis) -> Millis {
        self.issues
            .last()
            .map_or(0, |issue| now - issue.expires + self.life * 1000)
    }

    /// The number in `refresh-N`.
    pub(super) fn refresh_token(&self, text: &Value) -> Option<usize> {
        let number = text.as_str()?.strip_prefix("refresh-")?.parse().ok()?;
        (number < self.refresh_tokens.len()).then_some(number)
    }

    /// Whether renewing with this token would still succeed.
    pub(super) fn refusal_of(&self, token: usize, now: Millis) -> Option<&'static str> {
        let token = &self.refresh_tokens[token];
        let family = &self.families[token.family];
        if family.is_revoked || now >= family.begun + FAMILY_LIFE {
            return Some("NotAuthorizedException");
        }
        token
            .spent_until
            .is_some_and(|until| now >= until)
            .then_some("RefreshTokenReuseException")
    }

    fn sign_in(&mut self, parameters: &Value, now: Millis) -> Answer {
        let user = USERS.iter().position(|user| parameters["USERNAME"] == **user);
        let Some(user) = user.filter(|_| parameters["PASSWORD"] == PASSWORD) else {
            return refusal("NotAuthorizedException");
        };
        self.families.push(Family {
            user,
            is_revoked: false,
            begun: now,
        });
        let family = self.families.len() - 1;
        let token = self.add_refresh_token(family);
        self.issue(family, token, true, now)
    }

    fn refresh(&mut self, text: &Value, now: Millis) -> Answer {
        let Some(token) = self.refresh_token(text) else {
            return refusal("NotAuthorizedException");
        };
        if let Some(exception) = self.refusal_of(token, now) {
            return refusal(exception);
        }
        let family = self.refresh_tokens[token].family;
        match self.rotation {
            None => self.issue(family, token, false, now),
            Some(grace) => {
                self.refresh_tokens[token].spent_until.get_or_insert(now + grace);
                let next = self.add_refresh_token(family);
                self.issue(family, next, true, now)
            }
        }
    }

    fn sign_out_globally(&mut self, access_token: &Value, now: Millis) -> Answer {
        let issue = access_token
            .as_str()
            .and_then(issue_of)
            .and_then(|issue| self.issues.get(issue).copied());
        match issue.filter(|issue| now < issue.expires && !self.families[issue.family].is_revoked) {
            Some(issue) => {
                self.revoke_user(self.families[issue.family].user);
                (200, json!({}))
            }
            None => refusal("NotAuthorizedException"),
        }
    }

    fn add_refresh_token(&mut self, family: usize) -> usize {
        self.refresh_tokens.push(RefreshToken {
            family,
            spent_until: None,
        });
        self.refresh_tokens.len() - 1
    }

    fn issue(&mut self, family: usize, refresh_token: usize, shows_refresh_token: bool, now: Millis) -> Answer {
        let number = self.issues.len();
        let (issued, user) = (now / 1000, USERS[self.families[family].user]);
        let expires = issued + self.life;
        self.issues.push(Issue {
            family,
            refresh_token,
            expires: expires * 1000,
        });
        let token = |token_use: &str| {
            jwt(
                &json!({"sub": format!("sub-of-{user}"), "username": user, "token_use": token_use, "iat": issued,
                "exp": expires, "jti": number.to_string(), "origin_jti": family.to_string()}),
            )
        };
        let mut result = json!({"AccessToken": token("access"), "IdToken": token("id"), "TokenType": "Bearer"});
        if shows_refresh_token {
            result["RefreshToken"] = json!(format!("refresh-{refresh_token}"));
        }
        (200, json!({"AuthenticationResult": result}))
    }
}

/// The number of the issue that an access or ID token belongs to.
pub(super) fn issue_of(token: &str) -> Option<usize> {
    crate::core::jwt::Claims::of(token)?.text("jti")?.parse().ok()
}

pub(super) fn body(request: &Request) -> Value {
    let json = request.body.as_ref().map_or("null", |body| &*body.json);
    serde_json::from_str(json).unwrap()
}

/// The refresh token that a request wants renewed.
pub(super) fn renewed_token(request: &Request, body: &Value) -> Option<Value> {
    match request.subject() {
        "GetTokensFromRefreshToken" => Some(body["RefreshToken"].clone()),
        "InitiateAuth" if body["AuthFlow"] == "REFRESH_TOKEN_AUTH" => {
            Some(body["AuthParameters"]["REFRESH_TOKEN"].clone())
        }
        _ => None,
    }
}

pub(super) fn refusal(exception: &str) -> Answer {
    (400, json!({"__type": exception, "message": "No."}))
}
