//! Cognito as far as sessions go, with a book of every token it has issued.

use serde_json::{Value, json};

use crate::core::api::http::Request;
use crate::core::jwt::{Claims, payload};
use crate::ports::Millis;
use crate::testing::jwt;

/// The users of the pool.
pub(super) const USERS: [&str; 2] = ["alice", "bob"];

pub(super) const PASSWORD: &str = "Correct-Horse7Battery!";

/// What answers a question.
pub(super) const CODE: &str = "123456";

/// The app client, and the issuer of its tokens.
const CLIENT: &str = "client1";
const ISSUER: &str = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool";
/// What it says of an access token whose session has ended.
pub(super) const REVOKED: &str = "Access Token has been revoked";

/// How long a question may be answered.
const QUESTION_LIFE: Millis = 180_000;

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
    /// Whether a sign-in needs a code as well.
    pub(super) asks_codes: bool,
    /// Whether it tracks devices. It remembers none, for to prove one takes milliseconds.
    pub(super) tracks_devices: bool,
    questions: Vec<Question>,
    pub(super) devices: Vec<Device>,
    /// How often each user has deleted the account, and signed up again at once.
    deletions: [usize; USERS.len()],
}

/// A sign-in and all tokens that came from it.
#[derive(Debug)]
pub(super) struct Family {
    pub(super) user: usize,
    pub(super) sub: String,
    pub(super) device: Option<usize>,
    pub(super) is_revoked: bool,
    begun: Millis,
}

impl Family {
    /// Whether it has lived for as long as a session may.
    pub(super) fn is_over_at(&self, now: Millis) -> bool {
        now >= self.begun + FAMILY_LIFE
    }
}

/// A sign-in that waits for its code.
#[derive(Debug)]
struct Question {
    user: usize,
    asked: Millis,
    is_answered: bool,
}

#[derive(Debug)]
pub(super) struct Device {
    pub(super) user: usize,
    /// Whether the pool still tracks it.
    pub(super) is_known: bool,
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
            asks_codes: false,
            tracks_devices: false,
            questions: Vec::new(),
            devices: Vec::new(),
            deletions: [0; USERS.len()],
        }
    }

    pub(super) fn serve(&mut self, request: &Request, now: Millis) -> Answer {
        let body = body(request);
        match request.subject() {
            "InitiateAuth" if body["AuthFlow"] == "REFRESH_TOKEN_AUTH" => {
                if self.rotation.is_some() {
                    return refusal("UnsupportedOperationException");
                }
                let parameters = &body["AuthParameters"];
                self.refresh_on(&parameters["DEVICE_KEY"], &parameters["REFRESH_TOKEN"], now)
            }
            "InitiateAuth" => self.initiate(&body["AuthParameters"], now),
            "RespondToAuthChallenge" => self.respond(&body, now),
            "GetTokensFromRefreshToken" if self.is_modern => {
                self.refresh_on(&body["DeviceKey"], &body["RefreshToken"], now)
            }
            "RevokeToken" => {
                if let Some(token) = self.refresh_token(&body["Token"]) {
                    let family = self.refresh_tokens[token].family;
                    self.families[family].is_revoked = true;
                }
                (200, json!({}))
            }
            "GlobalSignOut" | "DeleteUser" | "ConfirmDevice" | "ForgetDevice" => {
                let Some(family) = self.bearer(&body["AccessToken"], now) else {
                    return refused("NotAuthorizedException", REVOKED);
                };
                self.serve_bearer(request.subject(), self.families[family].user, &body["DeviceKey"])
            }
            _ => refusal("UnknownOperationException"),
        }
    }

    fn serve_bearer(&mut self, operation: &str, user: usize, key: &Value) -> Answer {
        match operation {
            "ConfirmDevice" | "ForgetDevice" => match self.device(key) {
                Some(device) if self.devices[device].is_known => {
                    self.devices[device].is_known = operation == "ConfirmDevice";
                }
                _ => return unknown_device(),
            },
            "DeleteUser" => {
                self.revoke_user(user);
                self.forget_devices_of(user);
                self.deletions[user] += 1;
            }
            _ => self.revoke_user(user),
        }
        (200, json!({}))
    }

    /// Ends every session of a user, as an administrator can.
    pub(super) fn revoke_user(&mut self, user: usize) {
        for family in self.families.iter_mut().filter(|family| family.user == user) {
            family.is_revoked = true;
        }
    }

    /// The pool tracks them no more.
    pub(super) fn forget_devices_of(&mut self, user: usize) {
        for device in self.devices.iter_mut().filter(|device| device.user == user) {
            device.is_known = false;
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
        numbered(text, "refresh-", self.refresh_tokens.len())
    }

    /// The number in `device-N`.
    pub(super) fn device(&self, key: &Value) -> Option<usize> {
        numbered(key, "device-", self.devices.len())
    }

    /// Whether renewing with this token would still succeed.
    pub(super) fn refusal_of(&self, token: usize, now: Millis) -> Option<&'static str> {
        let token = &self.refresh_tokens[token];
        let family = &self.families[token.family];
        if family.is_revoked || family.is_over_at(now) {
            return Some("NotAuthorizedException");
        }
        token
            .spent_until
            .is_some_and(|until| now >= until)
            .then_some("RefreshTokenReuseException")
    }

    fn initiate(&mut self, parameters: &Value, now: Millis) -> Answer {
        let user = USERS.iter().position(|user| parameters["USERNAME"] == **user);
        let Some(user) = user.filter(|_| parameters["PASSWORD"] == PASSWORD) else {
            return refusal("NotAuthorizedException");
        };
        if !self.asks_codes {
            return self.begin(user, &parameters["DEVICE_KEY"], now);
        }
        self.questions.push(Question {
            user,
            asked: now,
            is_answered: false,
        });
        let session = format!("question-{}", self.questions.len() - 1);
        let user = json!({"USER_ID_FOR_SRP": USERS[user]});
        (
            200,
            json!({"ChallengeName": "EMAIL_OTP", "Session": session, "ChallengeParameters": user}),
        )
    }

    fn respond(&mut self, body: &Value, now: Millis) -> Answer {
        let number = numbered(&body["Session"], "question-", self.questions.len());
        let question = number.map(|number| &mut self.questions[number]);
        let Some(question) = question.filter(|open| !open.is_answered && now < open.asked + QUESTION_LIFE) else {
            return refusal("NotAuthorizedException");
        };
        if body["ChallengeResponses"]["EMAIL_OTP_CODE"] != CODE {
            return refusal("CodeMismatchException");
        }
        question.is_answered = true;
        let user = question.user;
        self.begin(user, &body["ChallengeResponses"]["DEVICE_KEY"], now)
    }

    /// Begins a session, on a device that is known already or on a new one.
    fn begin(&mut self, user: usize, key: &Value, now: Millis) -> Answer {
        let known = self.device(key).filter(|device| self.devices[*device].is_known);
        if known.is_none() && !key.is_null() {
            return unknown_device();
        }
        let is_new = known.is_none() && self.tracks_devices;
        if is_new {
            self.devices.push(Device { user, is_known: true });
        }
        let sub = match self.deletions[user] {
            0 => format!("sub-of-{}", USERS[user]),
            deletions => format!("sub-of-{}-{deletions}", USERS[user]),
        };
        self.families.push(Family {
            user,
            sub,
            device: known.or(is_new.then(|| self.devices.len() - 1)),
            is_revoked: false,
            begun: now,
        });
        let family = self.families.len() - 1;
        let token = self.add_refresh_token(family);
        let (status, mut answer) = self.issue(family, token, true, now);
        if is_new {
            let key = format!("device-{}", self.devices.len() - 1);
            answer["AuthenticationResult"]["NewDeviceMetadata"] = json!({"DeviceKey": key, "DeviceGroupKey": "-group"});
        }
        (status, answer)
    }

    /// A device that is not tracked any more is found out before the token is looked at.
    fn refresh_on(&mut self, key: &Value, text: &Value, now: Millis) -> Answer {
        let device = self.device(key).map(|device| &self.devices[device]);
        if device.is_some_and(|device| !device.is_known) {
            return unknown_device();
        }
        self.refresh(text, now)
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

    /// The family that an access token belongs to, while it is good.
    fn bearer(&self, access_token: &Value, now: Millis) -> Option<usize> {
        let issue = self.issues.get(issue_of(access_token.as_str()?)?)?;
        (now < issue.expires && !self.families[issue.family].is_revoked).then_some(issue.family)
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
        let expires = now / 1000 + self.life;
        self.issues.push(Issue {
            family,
            refresh_token,
            expires: expires * 1000,
        });
        let token = |token_use| self.token(number, token_use);
        let mut result = json!({"AccessToken": token("access"), "IdToken": token("id"), "TokenType": "Bearer"});
        if shows_refresh_token {
            result["RefreshToken"] = json!(format!("refresh-{refresh_token}"));
        }
        (200, json!({"AuthenticationResult": result}))
    }

    fn token(&self, number: usize, token_use: &str) -> String {
        let issue = self.issues[number];
        let family = &self.families[issue.family];
        let expires = issue.expires / 1000;
        let (client, user) = match token_use {
            "id" => ("aud", "cognito:username"),
            _ => ("client_id", "username"),
        };
        jwt(
            &json!({"sub": family.sub, user: USERS[family.user], "token_use": token_use, client: CLIENT, "iss": ISSUER,
            "iat": expires - self.life, "exp": expires, "jti": number.to_string(), "origin_jti": issue.family.to_string()}),
        )
    }

    /// An answer with tokens, mixed up: with those of another user, of another app client, or of another pool, or with the
    /// two in each other's place. `None` where there is nothing to mix up, or it would not show.
    pub(super) fn mixed_up(&self, (_, answer): &Answer, is_named: bool, way: Mix) -> Option<Answer> {
        let tokens = &answer["AuthenticationResult"];
        let own = issue_of(tokens["AccessToken"].as_str()?)?;
        let user = |number: usize| self.families[self.issues[number].family].user;
        let other = || (0..own).rev().find(|number| user(*number) != user(own));
        let mut mixed = answer.clone();
        let result = &mut mixed["AuthenticationResult"];
        match way {
            Mix::AnotherUser if is_named => {
                let other = other()?;
                result["AccessToken"] = json!(self.token(other, "access"));
                result["IdToken"] = json!(self.token(other, "id"));
                result["RefreshToken"] = json!(format!("refresh-{}", self.issues[other].refresh_token));
            }
            Mix::AnotherUser => return None,
            Mix::AnotherAccessToken => result["AccessToken"] = json!(self.token(other()?, "access")),
            Mix::AnotherIdToken => result["IdToken"] = json!(self.token(other()?, "id")),
            Mix::Swapped => {
                result["AccessToken"] = tokens["IdToken"].clone();
                result["IdToken"] = tokens["AccessToken"].clone();
            }
            Mix::AnotherClient(name) => result[name] = altered(&tokens[name], CLIENT, "client2")?,
            Mix::AnotherPool => {
                for name in ["AccessToken", "IdToken"] {
                    result[name] = altered(&tokens[name], "us-east-1_Pool", "us-east-1_Other")?;
                }
            }
        }
        Some((200, mixed))
    }
}

/// How an answer is mixed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    AnotherUser,
    AnotherAccessToken,
    AnotherIdToken,
    Swapped,
    AnotherClient(&'static str),
    AnotherPool,
}

impl Mix {
    pub(super) const ALL: [Self; 7] = [
        Self::AnotherUser,
        Self::AnotherAccessToken,
        Self::AnotherIdToken,
        Self::Swapped,
        Self::AnotherClient("AccessToken"),
        Self::AnotherClient("IdToken"),
        Self::AnotherPool,
    ];
}

/// The token with another text in its claims.
fn altered(token: &Value, from: &str, to: &str) -> Option<Value> {
    let claims = payload(token.as_str()?)?.replace(from, to);
    Some(json!(jwt(&serde_json::from_str(&claims).ok()?)))
}

/// Whether a token is of this pool and its app client, and what it is to be used for.
pub(super) fn is_own(token: &str, token_use: &str) -> bool {
    let Some(claims) = Claims::of(token) else { return false };
    let client = if token_use == "id" { "aud" } else { "client_id" };
    let text = |name| claims.text(name);
    (text("token_use"), text("iss"), text(client)) == (Some(token_use), Some(ISSUER), Some(CLIENT))
}

/// The number of the issue that an access or ID token belongs to.
pub(super) fn issue_of(token: &str) -> Option<usize> {
    Claims::of(token)?.text("jti")?.parse().ok()
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
    refused(exception, "No.")
}

fn unknown_device() -> Answer {
    refused("ResourceNotFoundException", "Device does not exist.")
}

pub(super) fn refused(exception: &str, message: &str) -> Answer {
    (400, json!({"__type": exception, "message": message}))
}

/// The number behind a name, of so many.
fn numbered(text: &Value, name: &str, count: usize) -> Option<usize> {
    let number = text.as_str()?.strip_prefix(name)?.parse().ok()?;
    (number < count).then_some(number)
}
