use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;

use futures_executor::{LocalPool, LocalSpawner, block_on};
use futures_util::task::LocalSpawnExt as _;
use serde_json::{Value, json};

use crate::app::options::SignInOptions;
use crate::app::{Client, ConfigSource, Notice};
use crate::core::error::AuthError;
use crate::core::user_state::UserState;
use crate::testing::{FakeEnv, config_text, jwt, rest};

pub(super) const NOW: i64 = 1_792_069_445;
pub(super) const KEY: &str = "cognito-wasm/us-east-1_Pool/client1";

/// A client, its world, and what it told.
pub(super) struct Stage {
    pub(super) client: Client<FakeEnv>,
    pub(super) env: FakeEnv,
    pub(super) notices: Rc<RefCell<Vec<Notice>>>,
}

impl Stage {
    /// Not initialized.
    pub(super) fn bare() -> Self {
        let env = FakeEnv::default();
        env.set_now(NOW);
        Self::over(env)
    }

    /// Another page over the same world.
    pub(super) fn over(env: FakeEnv) -> Self {
        let notices = Rc::new(RefCell::new(Vec::new()));
        let told = Rc::clone(&notices);
        let client = Client::new(env.clone(), move |notice: &Notice| {
            told.borrow_mut().push(notice.clone())
        });
        Self { client, env, notices }
    }

    /// Initialized with the user pool of the tests.
    pub(super) fn ready() -> Self {
        let stage = Self::bare();
        stage.initialize().unwrap();
        stage.told();
        stage
    }

    /// With alice signed in.
    pub(super) fn signed_in() -> Self {
        let stage = Self::ready();
        stage.script_sign_in("alice");
        stage.sign_in().unwrap();
        stage.env.sent();
        stage.told();
        stage
    }

    pub(super) fn initialize(&self) -> Result<UserState, AuthError> {
        block_on(self.client.initialize(ConfigSource::Text(config_text(""))))
    }

    pub(super) fn sign_in(&self) -> Result<crate::app::SignInResult, AuthError> {
        block_on(self.client.sign_in(credentials()))
    }

    /// The service's side of a sign-in that succeeds.
    pub(super) fn script_sign_in(&self, username: &str) {
        self.env.answer("InitiateAuth", 200, &password_verifier());
        self.env.answer("RespondToAuthChallenge", 200, &tokens(username, "1"));
    }

    pub(super) fn state(&self) -> UserState {
        self.client.snapshot().user_state
    }

    /// The states listeners were told of since the last look.
    pub(super) fn told(&self) -> Vec<UserState> {
        self.notices
            .borrow_mut()
            .drain(..)
            .filter(|notice| notice.tell.is_some())
            .map(|notice| notice.snapshot.user_state)
            .collect()
    }
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
        json!({"sub": format!("sub-of-{username}"), "username": username, "token_use": token_use, "jti": generation,
            "origin_jti": "o", "iat": NOW, "exp": NOW + 3600})
    };
    json!({"AuthenticationResult": {"AccessToken": jwt(&claims("access")), "IdToken": jwt(&claims("id")),
        "RefreshToken": format!("refresh-{generation}"), "ExpiresIn": 3600, "TokenType": "Bearer"}})
}

/// Several calls at once, in one page.
pub(super) struct Overlap {
    pool: LocalPool,
    spawner: LocalSpawner,
}

impl Overlap {
    pub(super) fn new() -> Self {
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        Self { pool, spawner }
    }

    /// Starts a call; its outcome will be in the cell.
    pub(super) fn start<T: 'static>(&self, call: impl Future<Output = T> + 'static) -> Rc<RefCell<Option<T>>> {
        let outcome = Rc::new(RefCell::new(None));
        let cell = Rc::clone(&outcome);
        self.spawner
            .spawn_local(async move {
                let result = call.await;
                cell.replace(Some(result));
            })
            .unwrap();
        outcome
    }

    /// Lets every call run until it waits for something that was held.
    pub(super) fn settle(&mut self) {
        self.pool.run_until(rest());
    }

    /// Runs every call to its end.
    pub(super) fn finish(&mut self) {
        self.pool.run();
    }
}
