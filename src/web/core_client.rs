//! The class that the TypeScript facade drives. Arguments and results are JSON texts; every failure, also a bad
//! argument, rejects the promise, and nothing is thrown.

use std::future::Future;

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use super::browser::Browser;
use super::convert;
use super::promise::{self, Settled};
use crate::app::options::{
    ConfirmSignInOptions, ConfirmSignUpOptions, GetTokensOptions, ResendSignUpCodeOptions, SignInOptions,
    SignOutOptions, SignUpOptions,
};
use crate::app::{Client, ConfigSource};
use crate::core::error::AuthError;

/// One client. Its methods take `&self`, so that any number of calls may be under way.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Core {
    client: Client<Browser>,
}

#[wasm_bindgen]
impl Core {
    /// `sink(snapshot, info)` is called for every change, in order; `info` is undefined when no listener is told.
    #[wasm_bindgen(constructor)]
    pub fn new(sink: Function) -> Core {
        let client = Client::new(Browser, move |notice| {
            let snapshot = JsValue::from_str(&convert::snapshot(notice));
            // The facade's sink does not throw: it reports what its listeners throw.
            let _ = sink.call2(&JsValue::UNDEFINED, &snapshot, &convert::info(notice));
        });
        Core { client }
    }

    /// `initialize` with a document, or with the URL of one.
    pub fn initialize(&self, document: Option<String>, url: String) -> Promise {
        let client = self.client.clone();
        promise::export(async move {
            let source = document.map_or(ConfigSource::Url(url), ConfigSource::Text);
            Ok(convert::user_state(client.initialize(source).await?))
        })
    }

    /// `signUp`.
    #[wasm_bindgen(js_name = signUp)]
    pub fn sign_up(&self, options: String) -> Promise {
        self.call(options, SignUpOptions::parse, |client, options| async move {
            Ok(convert::sign_up(&client.sign_up(options).await?))
        })
    }

    /// `confirmSignUp`.
    #[wasm_bindgen(js_name = confirmSignUp)]
    pub fn confirm_sign_up(&self, options: String) -> Promise {
        self.call(options, ConfirmSignUpOptions::parse, |client, options| async move {
            Ok(convert::sign_up(&client.confirm_sign_up(options).await?))
        })
    }

    /// `resendSignUpCode`.
    #[wasm_bindgen(js_name = resendSignUpCode)]
    pub fn resend_sign_up_code(&self, options: String) -> Promise {
        self.call(options, ResendSignUpCodeOptions::parse, |client, options| async move {
            Ok(convert::sign_up(&client.resend_sign_up_code(options).await?))
        })
    }

    /// `signIn`.
    #[wasm_bindgen(js_name = signIn)]
    pub fn sign_in(&self, options: String) -> Promise {
        self.call(options, SignInOptions::parse, |client, options| async move {
            Ok(convert::sign_in(&client.sign_in(options).await?))
        })
    }

    /// `confirmSignIn`.
    #[wasm_bindgen(js_name = confirmSignIn)]
    pub fn confirm_sign_in(&self, options: String) -> Promise {
        self.call(options, ConfirmSignInOptions::parse, |client, options| async move {
            Ok(convert::sign_in(&client.confirm_sign_in(options).await?))
        })
    }

    /// Computes the next sign-in's `A`; for the page's idle time.
    #[wasm_bindgen(js_name = prepareSignIn)]
    pub fn prepare_sign_in(&self) -> Promise {
        let client = self.client.clone();
        promise::export(async move { client.prepare_sign_in().map(|()| nothing()) })
    }

    /// `getTokens`.
    #[wasm_bindgen(js_name = getTokens)]
    pub fn get_tokens(&self, options: String) -> Promise {
        self.call(options, GetTokensOptions::parse, |client, options| async move {
            let session = client.get_tokens(options.force_refresh).await?;
            Ok(session.tokens.as_ref().map_or_else(nothing, convert::tokens))
        })
    }

    /// `signOut`.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, options: String) -> Promise {
        self.call(options, SignOutOptions::parse, |client, options| async move {
            client.sign_out(options).await.map(|()| nothing())
        })
    }
}

impl Core {
    fn call<O: 'static, F: Future<Output = Settled> + 'static>(
        &self,
        options: String,
        parse: fn(&str) -> Result<O, AuthError>,
        run: impl FnOnce(Client<Browser>, O) -> F + 'static,
    ) -> Promise {
        let options = Zeroizing::new(options);
        let client = self.client.clone();
        promise::export(async move { run(client, parse(&options)?).await })
    }
}

fn nothing() -> Zeroizing<String> {
    Zeroizing::new("null".into())
}
