use anymq_api::{
    Address, Error, Result,
    spi::{UrlOptions, excerpt},
};
use lapin::types::ShortString;

use crate::name::invalid;

/// The options of an address, taken one by one.
pub(super) struct Asked<'a> {
    address: &'a Address,
    left: UrlOptions,
    headers: Vec<(&'a str, &'a str)>,
}

/// Before the names of options that are headers.
const HEADER: &str = "header.";

impl<'a> Asked<'a> {
    pub(super) fn of(address: &'a Address) -> Self {
        let (headers, others): (Vec<_>, Vec<_>) = address.options().partition(|(name, _)| name.starts_with(HEADER));
        Self {
            address,
            left: UrlOptions::from_pairs(others),
            headers,
        }
    }

    /// What stands behind `header.`, with the values.
    pub(super) fn headers(&mut self) -> Result<Vec<(ShortString, String)>> {
        let headers = std::mem::take(&mut self.headers);
        let read = headers.into_iter().map(|(option, value)| {
            let name = option.strip_prefix(HEADER).unwrap_or_default();
            match ShortString::try_new(name) {
                Ok(name) => Ok((name, value.to_owned())),
                Err(_) => Err(self.wrong(HEADER, name, "is longer than 255 bytes")),
            }
        });
        read.collect()
    }

    /// A name at the broker: at most 255 bytes.
    pub(super) fn name(&mut self, option: &'static str) -> Result<Option<ShortString>> {
        let Some(text) = self.left.take(option) else {
            return Ok(None);
        };
        match ShortString::try_new(text.as_str()) {
            Ok(name) => Ok(Some(name)),
            Err(_) => Err(self.wrong(option, &text, "is longer than 255 bytes")),
        }
    }

    /// A whole number.
    pub(super) fn number(&mut self, option: &'static str, least: u32, most: u32) -> Result<Option<u32>> {
        let Some(text) = self.left.take(option) else {
            return Ok(None);
        };
        match text.parse().ok().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(self.wrong(option, &text, &format!("is no number from {least} to {most}"))),
        }
    }

    pub(super) fn flag(&mut self, option: &'static str) -> Result<bool> {
        let choice = self.choice(option, &[("true", true), ("false", false)])?;
        Ok(choice.unwrap_or(false))
    }

    /// One of several words.
    pub(super) fn choice<T: Copy>(&mut self, option: &'static str, words: &[(&str, T)]) -> Result<Option<T>> {
        let Some(text) = self.left.take(option) else {
            return Ok(None);
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        Err(self.wrong(option, &text, &format!("is none of {}", all.join(", "))))
    }

    /// The address itself, for what does not fit together.
    pub(super) fn refuse(&self, detail: &str) -> Error {
        invalid(self.address, detail)
    }

    /// Refuses what is left.
    pub(super) fn finish(self, known: &[&str]) -> Result<()> {
        let unknown = self.left.finish_only(known);
        unknown.map_err(|error| invalid(self.address, error.detail()))
    }

    fn wrong(&self, option: &str, text: &str, problem: &str) -> Error {
        self.refuse(&format!("option `{option}`: `{}` {problem}", excerpt(text)))
    }
}
