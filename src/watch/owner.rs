//! Who a worker is: a name that no other process has or had. After a crash the claims of a process that is certainly gone
//! need not run out.

use std::fs;

/// This process: the start of the machine, its process names, the process and when it began.
pub fn own() -> String {
    let pid = std::process::id();
    format!("{}:{pid}:{}", machine(), began(pid).unwrap_or_default())
}

/// The machine since its last start, and the names of processes on it (a container has its own).
fn machine() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let names = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let names: String = names.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    format!("{}:{names}", boot.trim())
}

/// When a process began, in ticks since the machine started; `None` where there is no such process.
fn began(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything; 20 fields after it comes the start.
    let after = stat.rsplit_once(')')?.1;
    // Dead already, and only not yet buried by whoever started it.
    if after.trim_start().starts_with(['Z', 'X']) {
        return None;
    }
    after.split_whitespace().nth(19).map(str::to_owned)
}

/// True for the name of a worker of this machine whose process is gone. Of other machines nothing is known.
pub fn is_gone(owner: &str) -> bool {
    let mut parts = owner.rsplitn(3, ':');
    let (Some(start), Some(pid), Some(host)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let Ok(pid) = pid.parse() else { return false };
    // Where the system does not tell, leases run out instead.
    !start.is_empty() && host.len() > 1 && host == machine() && began(pid).as_deref() != Some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_process_is_not_gone_and_a_dead_one_is() {
        assert!(!is_gone(&own()));
        let mut child = std::process::Command::new("sleep").arg("60").spawn().expect("started");
        let pid = child.id();
        let name = format!("{}:{pid}:{}", machine(), began(pid).expect("it runs"));
        assert!(!is_gone(&name));
        child.kill().expect("stopped");
        child.wait().expect("gone");
        assert!(is_gone(&name));
        assert!(is_gone(&format!("{}:{}:1", machine(), std::process::id())), "the number is another process's now");
        assert!(!is_gone("another-machine:1:2:3") && !is_gone("") && !is_gone("x"));
    }
}
