//! The class that the TypeScript facade drives. Arguments and results are JSON texts; every failure, also a bad
//! argument, rejects the promise, and nothing is thrown.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

use super::browser::Browser;
use super::convert;
use super::promise;
use crate::app::options::{
    ConfirmSignInOptions, ConfirmSignUpOptions, GetTokensOptions, ResendSignUpCodeOptions, SignInOptions,
    SignOutOptions, SignUpOptions,
};
use crate::app::{Client, ConfigSource};
use crate::core::error::{AuthError, Code};

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

    /// Calls a method of the client by its public name. One door for all of them: a door each costs 1.5 KB.
    pub fn call(&self, method: String, options: String) -> Promise {
        let options = Zeroizing::new(options);
        let client = self.client.clone();
        promise::export(async move {
            match method.as_str() {
                "signUp" => Ok(convert::sign_up(
                    &client.sign_up(SignUpOptions::parse(&options)?).await?,
                )),
                "confirmSignUp" => Ok(convert::sign_up(
                    &client.confirm_sign_up(ConfirmSignUpOptions::parse(&options)?).await?,
                )),
                "resendSignUpCode" => Ok(convert::sign_up(
                    &client
                        .resend_sign_up_code(ResendSignUpCodeOptions::parse(&options)?)
                        .await?,
                )),
                "signIn" => Ok(convert::sign_in(
                    &client.sign_in(SignInOptions::parse(&options)?).await?,
                )),
                "confirmSignIn" => Ok(convert::sign_in(
                    &client.confirm_sign_in(ConfirmSignInOptions::parse(&options)?).await?,
                )),
                "prepareSignIn" => client.prepare_sign_in().map(|()| nothing()),
                "getTokens" => {
                    let session = client
                        .get_tokens(GetTokensOptions::parse(&options)?.force_refresh)
                        .await?;
                    Ok(session.tokens.as_ref().map_or_else(nothing, convert::tokens))
                }
                "signOut" => client
                    .sign_out(SignOutOptions::parse(&options)?)
                    .await
                    .map(|()| nothing()),
                _ => Err(AuthError::new(
                    Code::Internal,
                    "The facade and the WebAssembly are of different versions.",
                )),
            }
        })
    }
}

fn nothing() -> Zeroizing<String> {
    Zeroizing::new("null".into())
}
