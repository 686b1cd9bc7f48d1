//! Temporary names in the folder of answers: the delivery, a number and the worker are in them, so that nobody writes into
//! another's file, and what a worker that is gone left over is known.

/// Left over by a worker of whom nothing is known, it goes after so many seconds.
const OLD_SECONDS: i64 = 600;

/// The temporary name of one file of a delivery's answer.
pub(super) fn part_name(delivery: i64, count: usize, owner: &str) -> String {
    format!(".{delivery}-{count}-{}.part", owner.replace(':', "_"))
}

/// True for what a worker left over: one that is gone, or one of another machine long ago.
pub(super) fn is_left(name: &str, age_seconds: i64, gone: &dyn Fn(&str) -> bool) -> bool {
    let Some(owner) = owner(name) else { return false };
    age_seconds >= OLD_SECONDS || gone(&owner.replace('_', ":"))
}

/// The worker in a temporary name; `None` for any other name.
fn owner(name: &str) -> Option<&str> {
    let mut parts = name.strip_prefix('.')?.strip_suffix(".part")?.splitn(3, '-');
    let mut number = || parts.next().filter(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    number()?;
    number()?;
    parts.next().filter(|owner| owner.contains('_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_worker_left_is_left() {
        let name = part_name(17, 2, "boot-id:42:7:9");
        assert_eq!(name, ".17-2-boot-id_42_7_9.part");
        assert!(is_left(&name, 0, &|owner| owner == "boot-id:42:7:9"));
        assert!(!is_left(&name, 599, &|_| false) && is_left(&name, 600, &|_| false));
        for other in [".october.txt.part", "17-2-a_b.part", ".17-x-a_b.part", ".17-2-a_b", ".17-2-ab.part", ".x"] {
            assert!(!is_left(other, 600, &|_| true), "{other}");
        }
    }
}
