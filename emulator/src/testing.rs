//! What the tests of the operations share: a pool without sockets, a client that does SRP, a time that stands still.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::config;
use crate::error::Exception;
use crate::ops::{self, Answer};
use crate::srp::client::Client as SrpClient;
use crate::state::State;

pub(crate) const POOL: &str = "us-east-1_Emulator1";
pub(crate) const CLIENT: &str = "emulatorwebclient00000001";
pub(crate) const LEGACY: &str = "emulatorlegacyclient00001";
pub(crate) const ROTATING: &str = "emulatorrotatingclient001";
pub(crate) const SECRET: &str = "emulatorsecretclient000001";
pub(crate) const PASSWORD: &str = "Passw0rd!";

/// When every test begins.
pub(crate) const START: Millis = 1_800_000_000_000;

pub(crate) const TIMESTAMP: &str = "Fri Jan 15 08:00:00 UTC 2027";

/// One for all tests: signing keys take a good part of a second to make, and every copy of the state shares them.
static INITIAL: LazyLock<State> = LazyLock::new(|| config::default_state(START).unwrap());

/// An emulator at its beginning, and its time.
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) now: Millis,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            state: INITIAL.clone(),
            now: START,
        }
    }

    /// A world with a confirmed user.
    pub(crate) fn with_user(name: &str) -> Self {
        let mut world = Self::new();
        world.add_user(name);
        world
    }

    pub(crate) fn call(&mut self, operation: &str, request: Value) -> Answer {
        ops::perform(&mut self.state, operation, request.as_object().unwrap(), self.now)
    }

    /// An operation that must work.
    pub(crate) fn ok(&mut self, operation: &str, request: Value) -> Value {
        self.call(operation, request)
            .unwrap_or_else(|refused| panic!("{operation}: {refused:?}"))
    }

    /// An operation that must not, as `Name: message`.
    pub(crate) fn refused(&mut self, operation: &str, request: Value) -> String {
        shown(
            &self
                .call(operation, request)
                .expect_err("the operation must be refused"),
        )
    }

    pub(crate) fn sign_up(&mut self, name: &str) -> Value {
        self.ok("SignUp", sign_up_request(name))
    }

    /// Signs a user up and confirms them with the code they were sent.
    pub(crate) fn add_user(&mut self, name: &str) {
        self.sign_up(name);
        let code = self.last_code();
        self.ok(
            "ConfirmSignUp",
            json!({"ClientId": CLIENT, "Username": name, "ConfirmationCode": code}),
        );
    }

    /// The code in the last message.
    pub(crate) fn last_code(&self) -> String {
        self.state.outbox.messages().back().unwrap().code.clone().unwrap()
    }

    /// Signs in by SRP, as far as the answer to the password.
    pub(crate) fn srp(&mut self, client: &str, name: &str, password: &str) -> Answer {
        let srp = SrpClient::new(77);
        let challenge = self.call(
            "InitiateAuth",
            json!({
                "ClientId": client,
                "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": {"USERNAME": name, "SRP_A": srp.srp_a()},
            }),
        )?;
        let responses = claim(&srp, &challenge, password);
        self.call(
            "RespondToAuthChallenge",
            json!({"ClientId": client, "ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": responses}),
        )
    }

    /// Signs in by SRP with the password every test user has, and returns the tokens.
    pub(crate) fn tokens(&mut self, client: &str, name: &str) -> Tokens {
        Tokens(self.srp(client, name, PASSWORD).unwrap()["AuthenticationResult"].clone())
    }
}

/// The answer to a PASSWORD_VERIFIER challenge.
pub(crate) fn claim(srp: &SrpClient, challenge: &Value, password: &str) -> Value {
    let parameters = &challenge["ChallengeParameters"];
    let text = |name: &str| parameters[name].as_str().unwrap();
    let signature = srp.sign(
        text("SALT"),
        text("SRP_B"),
        "Emulator1",
        text("USER_ID_FOR_SRP"),
        password,
        &STANDARD.decode(text("SECRET_BLOCK")).unwrap(),
        TIMESTAMP,
    );
    json!({
        "USERNAME": text("USER_ID_FOR_SRP"),
        "TIMESTAMP": TIMESTAMP,
        "PASSWORD_CLAIM_SECRET_BLOCK": text("SECRET_BLOCK"),
        "PASSWORD_CLAIM_SIGNATURE": STANDARD.encode(signature),
    })
}

pub(crate) fn sign_up_request(name: &str) -> Value {
    json!({
        "ClientId": CLIENT,
        "Username": name,
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": format!("{name}@example.com")}],
    })
}

/// `Name: message`.
pub(crate) fn shown(exception: &Exception) -> String {
    format!("{}: {}", exception.name, exception.message)
}

/// An `AuthenticationResult`.
pub(crate) struct Tokens(pub(crate) Value);

impl Tokens {
    pub(crate) fn text(&self, name: &str) -> String {
        self.0[name].as_str().unwrap_or_else(|| panic!("no {name}")).to_owned()
    }

    pub(crate) fn access(&self) -> String {
        self.text("AccessToken")
    }

    pub(crate) fn refresh(&self) -> String {
        self.text("RefreshToken")
    }

    pub(crate) fn claims(&self, name: &str) -> Value {
        Value::Object(crate::jwt::claims(&self.text(name)).unwrap())
    }
}
