//! `bind COMPILED DIRECTORY NAME`: makes the JavaScript glue of a compiled module, and the module that fits it.
//!
//! The wasm-bindgen command does no more here; but to install it takes its TLS, its HTTP server and its WebDriver client,
//! and four times as long.

use std::env;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [compiled, directory, name] = arguments.as_slice() else {
        eprintln!("Usage: bind COMPILED DIRECTORY NAME");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name(name).typescript(true);
    // Without it the glue holds a `new URL(..., import.meta.url)`, which makes bundlers emit a second .wasm that nothing
    // loads.
    bindgen.omit_default_module_path(true);
    match bindgen.web(true).and_then(|web| web.generate(directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bind {compiled}: {error:?}");
            ExitCode::FAILURE
        }
    }
}
