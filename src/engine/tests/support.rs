use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;

use futures_util::FutureExt as _;
use serde_json::{Value, json};

use crate::core::api::user_pool::Operation;
use crate::core::error::AuthError;
use crate::core::jwt::Claims;
use crate::core::record::{Record, User};
use crate::core::session::Session;
use crate::core::user_state::{Reason, UserState};
use crate::engine::options::{
    ConfirmSignInOptions, GetTokensOptions, InitializeOptions, SignInOptions, SignOutOptions,
};
use crate::engine::{Abort, Client, ClientEvent, ConfigSource, Host, Notice, SignInResult};
use crate::ports::{Spawn as _, StorageKind};
use crate::testing::{FakeEnv, config_text, jwt};

/// Seconds since 1970.
pub(super) const NOW: i64 = 1_792_069_445;
/// The life of the tokens, in milliseconds.
pub(super) const HOUR: i64 = 3_600_000;
pub(super) const REFRESH: &str = "GetTokensFromRefreshToken";
pub(super) const FORCE: &str = r#"{"forceRefresh":true}"#;
pub(super) const LOCALLY: &str = r#"{"invalidateTokens":false}"#;
pub(super) const KEY: &str = "cognito-wasm/us-east-1_Pool/client1/-";

pub(super) const INVALID: UserState = UserState::SignedOutUserPoolsTokenInvalid;

pub(super) const SIGNED_IN: SignInResult = SignInResult::SignedIn {
    user_confirmation_necessary: false,
};

/// A client, its world, and what it notified.
pub(super) struct Stage {
    pub(super) client: Client<FakeEnv>,
    pub(super) env: FakeEnv,
    pub(super) notices: Rc<RefCell<Vec<Notice>>>,
    listening: Rc<Cell<bool>>,
    reaction: Reaction,
}

/// What an app does when it is notified.
type Reaction = Rc<RefCell<Option<Rc<dyn Fn(&Notice)>>>>;

/// An app that writes down what it is notified.
struct Audience {
    notices: Rc<RefCell<Vec<Notice>>>,
    listening: Rc<Cell<bool>>,
    reaction: Reaction,
}

impl Host for Audience {
    fn notify(&self, notice: &Notice) {
        self.notices.borrow_mut().push(notice.clone());
        let reaction = self.reaction.borrow().clone();
        if let Some(react) = reaction {
            react(notice);
        }
    }

    fn is_listening(&self) -> bool {
        self.listening.get()
    }
}

impl Stage {
    /// Not initialized.
    pub(super) fn bare() -> Self {
        let env = FakeEnv::default();
        env.set_now(NOW);
        Self::over(env)
    }

    /// A page of another tab.
    pub(super) fn another(&self) -> Self {
        Self::over(self.env.another_page())
    }

    /// The page after a reload.
    pub(super) fn reloaded(&self) -> Self {
        Self::over(self.env.reloaded())
    }

    /// The page of a tab that was duplicated.
    pub(super) fn duplicated(&self) -> Self {
        Self::over(self.env.duplicated())
    }

    fn over(env: FakeEnv) -> Self {
        let notices = Rc::new(RefCell::new(Vec::new()));
        let listening = Rc::new(Cell::new(false));
        let reaction = Reaction::default();
        let audience = Audience {
            notices: Rc::clone(&notices),
            listening: Rc::clone(&listening),
            reaction: Rc::clone(&reaction),
        };
        let client = Client::new(env.clone(), audience);
        Self {
            client,
            env,
            notices,
            listening,
            reaction,
        }
    }

    /// Initialized with the user pool of the tests.
    pub(super) fn ready() -> Self {
        let stage = Self::bare();
        stage.initialize().unwrap();
        stage.notified();
        stage
    }

    /// With alice signed in.
    pub(super) fn signed_in() -> Self {
        let stage = Self::ready();
        // A password's proof costs a tenth of a second; `sign_in.rs` has it.
        stage.env.answer("InitiateAuth", 200, &tokens("alice", "1"));
        stage.sign_in().unwrap();
        stage.env.sent();
        stage.notified();
        stage
    }

    /// With tokens that expired ten minutes ago.
    pub(super) fn expired() -> Self {
        let stage = Self::signed_in();
        stage.env.pass(HOUR + 600_000);
        stage
    }

    /// With expired tokens that the service has refused to renew, and listeners who were notified of that.
    pub(super) fn dead() -> Self {
        let stage = Self::expired();
        stage.env.refuse(REFRESH, "NotAuthorizedException");
        stage.get_tokens("{}").unwrap_err();
        assert_eq!(stage.notified(), [UserState::SignedOutUserPoolsTokenInvalid]);
        stage.env.sent();
        stage.listen(true);
        stage
    }

    /// With expired tokens that the service is going to refuse, and a listener who does this when notified so.
    pub(super) fn expiring(react: impl Fn(&Stage) + 'static) -> Rc<Self> {
        let stage = Rc::new(Self::expired());
        stage.env.refuse(REFRESH, "NotAuthorizedException");
        let listener = Rc::downgrade(&stage);
        stage.react(move |notice| {
            let state = notice.state_change().map(|_| notice.snapshot.user_state);
            if state == Some(UserState::SignedOutUserPoolsTokenInvalid) {
                react(&listener.upgrade().unwrap());
            }
        });
        stage
    }

    /// A user state listener is there from now on, or no more.
    pub(super) fn listen(&self, listening: bool) {
        self.listening.set(listening);
    }

    /// A listener that does this whenever it is notified something.
    pub(super) fn react(&self, reaction: impl Fn(&Notice) + 'static) {
        self.listen(true);
        self.reaction.replace(Some(Rc::new(reaction)));
    }

    /// Runs a call to its end.
    pub(super) fn run<T>(&self, call: impl Future<Output = T>) -> T {
        self.env.run(call)
    }

    pub(super) fn initialize(&self) -> Result<UserState, AuthError> {
        self.initialize_with("{}")
    }

    pub(super) fn initialize_with(&self, options: &str) -> Result<UserState, AuthError> {
        let options = InitializeOptions::parse(options)?;
        self.run(self.client.initialize(ConfigSource::Text(config_text("")), options))
    }

    /// Initialized with this store, which may be the app's own.
    pub(super) fn initialize_in(&self, storage: StorageKind) -> Result<UserState, AuthError> {
        let options = InitializeOptions {
            storage,
            ..InitializeOptions::parse("{}")?
        };
        self.run(self.client.initialize(ConfigSource::Text(config_text("")), options))
    }

    pub(super) fn sign_in(&self) -> Result<SignInResult, AuthError> {
        self.run(self.client.sign_in(credentials()))
    }

    pub(super) fn sign_in_with(&self, options: &Value) -> Result<SignInResult, AuthError> {
        self.run(self.client.sign_in(SignInOptions::parse(&options.to_string())?))
    }

    /// Answers a question.
    pub(super) fn confirm(&self, options: &Value) -> Result<SignInResult, AuthError> {
        let options = ConfirmSignInOptions::parse(&options.to_string())?;
        self.run(self.client.confirm_sign_in(options))
    }

    /// Answers a question with a text.
    pub(super) fn answer(&self, response: &str) -> Result<SignInResult, AuthError> {
        self.confirm(&json!({ "challengeResponse": response }))
    }

    /// What an operation tells the app.
    pub(super) fn operate(&self, call: &str, options: &Value) -> Result<Value, AuthError> {
        let operation = Operation::of_call(call).unwrap();
        let notified = self.run(self.client.operate(operation, &options.to_string()))?;
        Ok(serde_json::from_str(&notified).unwrap())
    }

    pub(super) fn get_tokens(&self, options: &str) -> Tokens {
        self.run(self.client.get_tokens(GetTokensOptions::parse(options)?))
    }

    /// The service's side of a sign-in that succeeds.
    pub(super) fn script_sign_in(&self, username: &str) {
        self.script_sign_in_with(&tokens(username, "1"));
    }

    pub(super) fn script_sign_in_with(&self, result: &Value) {
        let access = result["AuthenticationResult"]["AccessToken"]
            .as_str()
            .unwrap_or_default();
        let mut verifier = password_verifier();
        if let Some(user) = Claims::of(access).as_ref().and_then(|claims| claims.text("username")) {
            verifier["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!(user);
        }
        self.env.answer("InitiateAuth", 200, &verifier);
        self.env.answer("RespondToAuthChallenge", 200, result);
    }

    /// Signs alice in, by a code as well. The service knows her as `id` from the first challenge on.
    pub(super) fn sign_in_as_id(&self) {
        let mut verifier = password_verifier();
        verifier["ChallengeParameters"]["USER_ID_FOR_SRP"] = json!("id");
        self.env.answer("InitiateAuth", 200, &verifier);
        let question =
            json!({"ChallengeName": "SMS_MFA", "Session": "s1", "ChallengeParameters": {"USER_ID_FOR_SRP": "id"}});
        self.env.answer("RespondToAuthChallenge", 200, &question);
        self.env.answer("RespondToAuthChallenge", 200, &tokens("id", "1"));
        self.sign_in().unwrap();
        assert_eq!(self.answer("123456"), Ok(SIGNED_IN));
    }

    /// The service's side of a refresh that succeeds.
    pub(super) fn script_refresh(&self, generation: &str) {
        self.env.answer(REFRESH, 200, &tokens("alice", generation));
    }

    /// Initialized again with another document.
    pub(super) fn initialize_from(&self, document: &str) -> Result<UserState, AuthError> {
        let options = InitializeOptions::parse("{}")?;
        self.run(self.client.initialize(ConfigSource::Text(document.into()), options))
    }

    pub(super) fn sign_out(&self, options: &str) -> Result<(), AuthError> {
        self.run(self.client.sign_out(SignOutOptions::parse(options)?))
    }

    /// What the store holds of the session; `None` after a sign-out, and when there never was one.
    pub(super) fn stored_session(&self) -> Option<Rc<Session>> {
        let record = self.env.stored().get(KEY).map(|text| Record::decode(text).unwrap())?;
        match record.user {
            User::SignedIn(session) => Some(session),
            User::SignedOut(_) => None,
        }
    }

    /// The stored refresh token.
    pub(super) fn stored_token(&self) -> Option<String> {
        let session = self.stored_session()?;
        Some(refresh_token(&session))
    }

    pub(super) fn state(&self) -> UserState {
        self.client.snapshot().user_state
    }

    /// The states listeners were notified of since the last look.
    pub(super) fn notified(&self) -> Vec<UserState> {
        self.notified_with_reasons()
            .into_iter()
            .map(|(state, _)| state)
            .collect()
    }

    /// The same, and why.
    pub(super) fn notified_with_reasons(&self) -> Vec<(UserState, Option<Reason>)> {
        let notices = self.notices.take();
        let notified = notices
            .into_iter()
            .filter_map(|notice| Some((notice.snapshot.user_state, notice.state_change()?.reason)));
        notified.collect()
    }

    /// What was notified beside the state since the last look.
    pub(super) fn events(&self) -> Vec<&'static str> {
        let name = |notice: Notice| {
            Some(match notice.event? {
                ClientEvent::TokensRefreshed => "tokensRefreshed",
                ClientEvent::TokenRefreshFailed(_) => "tokenRefreshFailed",
                ClientEvent::Offline => "offline",
                ClientEvent::Online => "online",
            })
        };
        self.notices.take().into_iter().filter_map(name).collect()
    }
}

/// Which tokens a session has: `refresh-1` and so on.
pub(super) fn refresh_token(session: &Session) -> String {
    session
        .refresh_token()
        .map(|token| token.reveal().into())
        .unwrap_or_default()
}

pub(super) fn credentials() -> SignInOptions {
    SignInOptions::parse(r#"{"username":"alice","password":"Correct-Horse7Battery!"}"#).unwrap()
}

pub(super) fn password_verifier() -> Value {
    json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeParameters": {
        "USER_ID_FOR_SRP": "alice", "SALT": "5f63bd8c", "SRP_B": "b0e9d5c7", "SECRET_BLOCK": "c2VjcmV0"}})
}

/// Tokens that live for an hour. `generation` tells one set from another.
pub(super) fn tokens(username: &str, generation: &str) -> Value {
    let claims = |token_use: &str| {
        let (client, user) = match token_use {
            "id" => ("aud", "cognito:username"),
            _ => ("client_id", "username"),
        };
        json!({"sub": format!("sub-of-{username}"), user: username, "token_use": token_use, "jti": generation,
            "iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Pool", client: "client1", "origin_jti": "o",
            "iat": NOW, "exp": NOW + 3600})
    };
    json!({"AuthenticationResult": {"AccessToken": jwt(&claims("access")), "IdToken": jwt(&claims("id")),
        "RefreshToken": format!("refresh-{generation}"), "ExpiresIn": 3600, "TokenType": "Bearer"}})
}

/// Options for every flat operation. Each text in them that is secret has a form of its own.
pub(super) fn every_operation() -> Vec<(&'static Operation, Value)> {
    let options = |call: &str| match call {
        "signUp" => json!({"username": "alice", "password": "Pass-canary-1", "userAttributes": {"email": "a@b.c"},
            "validationData": {"captcha": "Data-canary-2"}, "clientMetadata": {"captcha": "Meta-canary-3"}}),
        "confirmSignUp" => json!({"username": "alice", "confirmationCode": "Code-canary-4"}),
        "resendSignUpCode" | "forgotPassword" => {
            json!({"username": "alice", "clientMetadata": {"captcha": "Meta-canary-3"}})
        }
        "confirmForgotPassword" => {
            json!({"username": "alice", "newPassword": "Pass-canary-1", "confirmationCode": "Code-canary-4"})
        }
        "changePassword" => json!({"currentPassword": "Old-canary-5", "proposedPassword": "Pass-canary-1"}),
        "updateUserAttributes" => {
            json!({"userAttributes": {"email": "a@b.c"}, "clientMetadata": {"k": "Meta-canary-3"}})
        }
        "deleteUserAttributes" => json!({"userAttributeNames": ["nickname"]}),
        "verifyUserAttribute" => json!({"attributeName": "email", "clientMetadata": {"k": "Meta-canary-3"}}),
        "confirmVerifyUserAttribute" => json!({"attributeName": "email", "confirmationCode": "Code-canary-4"}),
        "verifyTOTPSetup" => json!({"code": "Code-canary-4", "friendlyDeviceName": "phone"}),
        "updateMFAPreference" => json!({"sms": "enabled"}),
        "passkeyOperations.delete" => json!({"credentialId": "c"}),
        "deviceOperations.get" | "deviceOperations.forget" => json!({"deviceKey": "k"}),
        "deviceOperations.updateStatus" => json!({"deviceKey": "k", "remembered": true}),
        "revokeUserSession" => json!({"sessionId": "s"}),
        _ => json!({}),
    };
    let all = Operation::all().iter();
    all.map(|operation| (operation, options(operation.call))).collect()
}

/// Several calls at once.
pub(super) struct Overlap(FakeEnv);

/// A call that was started.
pub(super) struct Pending<T>(Rc<RefCell<Option<T>>>);

/// What `getTokens` comes to.
pub(super) type Tokens = Result<Rc<Session>, AuthError>;

impl Overlap {
    pub(super) fn of(stage: &Stage) -> Self {
        Self(stage.env.clone())
    }

    /// Starts a call.
    pub(super) fn start<T: 'static>(&self, call: impl Future<Output = T> + 'static) -> Pending<T> {
        let outcome = Rc::new(RefCell::new(None));
        let cell = Rc::clone(&outcome);
        let call = async move {
            let result = call.await;
            cell.replace(Some(result));
        };
        self.0.spawn(call.boxed_local());
        Pending(outcome)
    }

    pub(super) fn get_tokens(&self, stage: &Stage, options: &str) -> Pending<Tokens> {
        let (client, options) = (stage.client.clone(), GetTokensOptions::parse(options).unwrap());
        self.start(async move { client.get_tokens(options).await })
    }

    pub(super) fn operate(&self, stage: &Stage, call: &str, options: &Value) -> Pending<Result<Value, AuthError>> {
        let (client, options) = (stage.client.clone(), options.to_string());
        let operation = Operation::of_call(call).unwrap();
        self.start(async move {
            let notified = client.operate(operation, &options).await?;
            Ok(serde_json::from_str(&notified).unwrap())
        })
    }

    pub(super) fn sign_in(&self, stage: &Stage) -> Pending<Result<SignInResult, AuthError>> {
        let client = stage.client.clone();
        self.start(async move { client.sign_in(credentials()).await })
    }

    pub(super) fn sign_out(&self, stage: &Stage, options: &str) -> Pending<Result<(), AuthError>> {
        let (client, options) = (stage.client.clone(), SignOutOptions::parse(options).unwrap());
        self.start(async move { client.sign_out(options).await })
    }

    /// A call that can be aborted, and ends with the client.
    pub(super) fn guarded(&self, stage: &Stage, options: &str) -> (Pending<Tokens>, Abort) {
        let (client, options) = (stage.client.clone(), GetTokensOptions::parse(options).unwrap());
        let abort = Abort::default();
        let given = abort.clone();
        let call = async move { client.guard(&given, client.get_tokens(options)).await };
        (self.start(call), abort)
    }

    /// Lets every call run until a request for this operation is out, whose answer is held.
    pub(super) fn settle_until_sent(&self, stage: &Stage, subject: &str) {
        for _ in 0..100 {
            stage.env.take_turns(1);
            if stage.env.sent().iter().any(|sent| sent == subject) {
                return stage.env.hold_answers(true);
            }
        }
        panic!("{subject} was not sent");
    }

    /// Lets every call run until it waits for something that is held.
    pub(super) fn settle(&self) {
        self.0.settle();
    }
}

impl<T> Pending<T> {
    pub(super) fn is_pending(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// What the call came to.
    pub(super) fn outcome(&self) -> T {
        self.0.borrow_mut().take().expect("the call has not ended")
    }
}
