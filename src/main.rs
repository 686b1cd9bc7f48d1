//! The program: see the library's [`caruman::cli`].

fn main() -> std::process::ExitCode {
    caruman::cli::run(std::env::args_os())
}
