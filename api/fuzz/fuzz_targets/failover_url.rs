#![no_main]
#![allow(missing_docs)]

libfuzzer_sys::fuzz_target!(|data: &[u8]| anymq_api_fuzz::run("failover_url", data));
