use super::{matches, message, parsed};
use crate::{
    Selector,
    selector::{SelectorComparison, SelectorHeader, SelectorOperand, SelectorPart, SelectorTest},
};

/// A selector of the same parts; `None` where it computes.
pub(super) fn rebuilt(selector: &Selector) -> Option<Selector> {
    let mut stack: Vec<String> = Vec::new();
    for part in selector.parts() {
        let word = match part {
            SelectorPart::Test { test, wanted } => {
                let text = test_text(&test)?;
                stack.push(if wanted { text } else { format!("NOT ({text})") });
                continue;
            }
            SelectorPart::And => "AND",
            SelectorPart::Or => "OR",
        };
        let (right, left) = (stack.pop().unwrap(), stack.pop().unwrap());
        stack.push(format!("({left}) {word} ({right})"));
    }
    let [whole] = stack.as_slice() else {
        panic!("{selector} leaves {stack:?}");
    };
    Some(parsed(whole))
}

fn test_text(test: &SelectorTest<'_>) -> Option<String> {
    let negation = |not: &bool| if *not { "NOT " } else { "" };
    Some(match test {
        SelectorTest::Itself(value) => operand(value)?,
        SelectorTest::Compare(left, comparison, right) => {
            let symbol = match comparison {
                SelectorComparison::Equal => "=",
                SelectorComparison::NotEqual => "<>",
                SelectorComparison::Less => "<",
                SelectorComparison::LessOrEqual => "<=",
                SelectorComparison::Greater => ">",
                SelectorComparison::GreaterOrEqual => ">=",
            };
            format!("{} {symbol} {}", operand(left)?, operand(right)?)
        }
        SelectorTest::Between { not, value, low, high } => {
            let (value, low, high) = (operand(value)?, operand(low)?, operand(high)?);
            format!("{value} {}BETWEEN {low} AND {high}", negation(not))
        }
        SelectorTest::In { not, value, texts } => {
            let texts: Vec<_> = texts.iter().map(|text| quoted(text)).collect();
            format!("{} {}IN ({})", operand(value)?, negation(not), texts.join(", "))
        }
        SelectorTest::Like { not, value, pattern } => {
            let (value, pattern) = (operand(value)?, quoted(pattern));
            format!(
                "{value} {}LIKE {pattern} ESCAPE '{}'",
                negation(not),
                SelectorTest::ESCAPE
            )
        }
        SelectorTest::IsNull { not, value } => format!("{} IS {}NULL", operand(value)?, negation(not)),
    })
}

fn operand(operand: &SelectorOperand<'_>) -> Option<String> {
    Some(match operand {
        SelectorOperand::Computed => return None,
        SelectorOperand::Bool(value) => value.to_string(),
        SelectorOperand::Integer(value) => value.to_string(),
        SelectorOperand::Float(value) => format!("{value:?}"),
        SelectorOperand::Text(text) => quoted(text),
        SelectorOperand::Property(name) => (*name).to_owned(),
        SelectorOperand::Header(SelectorHeader::Type) => "JMSType".to_owned(),
        SelectorOperand::Header(header) => panic!("{header:?}"),
        SelectorOperand::Missing => "JMSXState".to_owned(),
    })
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[test]
fn the_parts_make_the_whole() {
    for text in [
        "n = 7",
        "NOT (n = 7 AND (t OR miss = 1))",
        "n BETWEEN 1 AND 9 AND NOT (s IN ('a', 'b') OR fl) OR miss IS NULL",
        "u LIKE '!_f!%' ESCAPE '!'",
        "u LIKE '\\_%' ESCAPE '\\' AND pct LIKE '50\\% o_%' ESCAPE '\\'",
        "NOT NOT (NOT t OR NOT (fl AND NOT d > 2.4)) AND q <> 'it''s'",
        "JMSType = 'car' OR JMSXState = 1",
        "n NOT BETWEEN 7 AND 9 OR lmin = -9223372036854775808",
    ] {
        for text in [text.to_owned(), format!("NOT ({text})")] {
            let again = rebuilt(&parsed(&text)).unwrap();
            assert_eq!(again.matches(&message()), matches(&text), "{text}: {again}");
        }
    }
    assert!(rebuilt(&parsed("n + 1 = 8")).is_none());
}
