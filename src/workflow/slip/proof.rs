//! What a slip proves and how: lines of one person, cut into pieces, each with its path to the signed root.
//!
//! A path through a tree of sums shows the sums of neighbours; were a leaf a whole person, it would show what a colleague
//! pays. So every line is cut into four random pieces, and all pieces are shuffled: neighbours are nameless random pieces.
//! Cuts, places and salts come from the employer's key, so nobody guesses them, and the same line always gives the same.

use serde::{Deserialize, Serialize};

use super::tree::{Node, Tree, climb, leaf};
use crate::domain::{ContributionMonth, Scheme, Sen};
use crate::keys::DataKey;
use crate::keys::receipt_key::{from_base64url, to_base64url};
use crate::keys::{ReceiptKey, ReceiptPublicKey};
use crate::workflow::receipt::CodeFault;
use crate::workflow::receipt::signed::{open_text, sign_text};

/// Pieces of a line.
const PIECES: u8 = 4;
/// The kind of a statement among signed texts.
pub(super) const KIND: &str = "S";

/// What the issuer signs: this list, this total, this root, and whether it is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// ACR or ECR.
    pub number: String,
    /// Act.
    pub scheme: Scheme,
    /// Employer's code.
    pub employer_code: String,
    /// Who issued it.
    pub issuer: String,
    /// Lines of the list.
    pub people: usize,
    /// Total of the list, sen.
    #[serde(rename = "total_sen")]
    pub total: Sen,
    /// Root of the tree, base64url.
    pub root: String,
    /// Number of the official receipt, or empty while it is not paid.
    pub receipt: String,
    /// Day of the payment, or empty.
    pub paid_on: String,
}

impl Statement {
    /// The signed text.
    pub(super) fn sign(&self, key: &ReceiptKey) -> String {
        let (people, total) = (self.people.to_string(), self.total.0.to_string());
        let fields = [
            self.number.as_str(),
            self.scheme.id(),
            &self.employer_code,
            &self.issuer,
            &people,
            &total,
            &self.root,
            &self.receipt,
            &self.paid_on,
        ];
        sign_text(KIND, &fields, key)
    }

    fn open(text: &str, key: &ReceiptPublicKey) -> Result<Statement, CodeFault> {
        let fields = <[String; 9]>::try_from(open_text(text, KIND, "a slip", key)?);
        let Ok([number, scheme, employer_code, issuer, people, total, root, receipt, paid_on]) = fields else {
            return Err(CodeFault::Unreadable("fields"));
        };
        Ok(Statement {
            number,
            scheme: scheme.parse().map_err(|_| CodeFault::Unreadable("Act"))?,
            employer_code,
            issuer,
            people: people.parse().map_err(|_| CodeFault::Unreadable("count"))?,
            total: Sen(total.parse().map_err(|_| CodeFault::Unreadable("amount"))?),
            root,
            receipt,
            paid_on,
        })
    }
}

/// One line of the list, as it is bound into the tree.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipLine {
    /// Place in the list, from 1, as printed.
    pub line: u64,
    /// Identity number.
    pub id_number: String,
    /// Name.
    pub name: String,
    /// Month of the wages.
    pub month: ContributionMonth,
    /// Employer's share, where it is known.
    pub employer_sen: Option<Sen>,
    /// Employee's share without SKBBK, where it is known.
    pub employee_sen: Option<Sen>,
    /// SKBBK.
    pub skbbk_sen: Sen,
    /// Everything.
    pub total_sen: Sen,
}

impl std::fmt::Debug for SlipLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {} {}", self.line, crate::domain::identity::mask(&self.id_number))
    }
}

/// A piece of a line, and its way to the root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Place among all pieces.
    place: usize,
    /// Its part of the line's amount.
    sen: Sen,
    /// What keeps it from being guessed, base64url.
    salt: String,
    /// Neighbours from the leaf to the root, `sen:hash`.
    path: Vec<String>,
}

/// A line with its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenLine {
    /// What is proven.
    #[serde(flatten)]
    pub line: SlipLine,
    /// How.
    pub pieces: Vec<Piece>,
}

/// A slip as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SlipProof {
    /// Version of this form.
    pub caruman_slip: u32,
    /// What the issuer signed; see [`Statement`].
    pub statement: String,
    /// The person's lines.
    pub lines: Vec<ProvenLine>,
}

/// Why a slip proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum SlipFault {
    /// The statement.
    #[error(transparent)]
    Code(#[from] CodeFault),
    /// Not a slip.
    #[error("this is no slip: {0}")]
    NotASlip(String),
    /// A line does not lead to the root.
    #[error("NOT GENUINE: line {0} is not inside the signed total; an amount, a path or the root was changed")]
    NotInside(u64),
    /// The same line or piece twice, or none.
    #[error("NOT GENUINE: the slip names a line twice, or none, or lines of several people")]
    Lines,
    /// The file around a genuine proof.
    #[error("NOT GENUINE: the proof inside is genuine but the file was changed or saved again; ask for a new slip")]
    FileChanged,
}

/// What every piece of a line says, whichever it is.
struct Secret<'a> {
    key: &'a DataKey,
    number: &'a str,
}

impl Secret<'_> {
    fn of(&self, purpose: &str, line: u64, piece: u8) -> [u8; 32] {
        self.key.derive(format!("slip {purpose} {} {line} {piece}", self.number).as_bytes())
    }

    /// The line's amount in pieces; none below zero, and they add up to it.
    fn cut(&self, line: &SlipLine) -> Vec<Sen> {
        let amount = line.total_sen.0.max(0);
        let mut cuts: Vec<i64> = (1..PIECES)
            .map(|piece| {
                let random = self.of("cut", line.line, piece);
                let random = u128::from_be_bytes(random[..16].try_into().expect("16 of 32 bytes"));
                let below = u128::from(amount.unsigned_abs()) + 1;
                i64::try_from(random % below).expect("below an amount in sen")
            })
            .collect();
        cuts.extend([0, amount]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| Sen(pair[1] - pair[0])).collect()
    }
}

/// What a leaf binds: everything that the line says, which piece it is, and the salt.
fn content(number: &str, line: &SlipLine, piece: u8, salt: &[u8]) -> Vec<u8> {
    let said = serde_json::to_vec(line).expect("a line has a JSON form");
    let number_length = u32::try_from(number.len()).expect("a number is short").to_be_bytes();
    [&b"caruman slip 1"[..], &number_length, number.as_bytes(), &[piece], salt, &said].concat()
}

/// The tree over a list, and where each piece stands.
pub(super) struct Grown {
    tree: Tree,
    /// By line and piece: place, amount, salt.
    pieces: Vec<(usize, Sen, [u8; 32])>,
}

/// Grows the tree over a list. `None` for an empty list, or where a line is below zero.
pub(super) fn grow(key: &DataKey, number: &str, lines: &[SlipLine]) -> Option<Grown> {
    let secret = Secret { key, number };
    let mut leaves = Vec::with_capacity(lines.len() * usize::from(PIECES));
    let mut pieces = Vec::with_capacity(leaves.capacity());
    for line in lines {
        if line.total_sen < Sen::ZERO {
            return None;
        }
        for (piece, sen) in (0..PIECES).zip(secret.cut(line)) {
            let salt = secret.of("salt", line.line, piece);
            let node = leaf(&content(number, line, piece, &salt), sen)?;
            leaves.push((secret.of("place", line.line, piece), pieces.len(), node));
            pieces.push((0, sen, salt));
        }
    }
    leaves.sort_unstable_by_key(|(place, piece, _)| (*place, *piece));
    for (place, (_, piece, _)) in leaves.iter().enumerate() {
        pieces[*piece].0 = place;
    }
    let tree = Tree::over(leaves.into_iter().map(|(_, _, node)| node).collect())?;
    Some(Grown { tree, pieces })
}

impl Grown {
    pub(super) fn root(&self) -> Node {
        self.tree.root()
    }

    /// The proof of the line at this index of the list.
    pub(super) fn prove(&self, at: usize, line: &SlipLine) -> ProvenLine {
        let many = usize::from(PIECES);
        let written = |node: &Node| format!("{}:{}", node.sum.0, to_base64url(&node.hash));
        let piece = |(place, sen, salt): &(usize, Sen, [u8; 32])| Piece {
            place: *place,
            sen: *sen,
            salt: to_base64url(salt),
            path: self.tree.path(*place).iter().map(written).collect(),
        };
        let pieces = self.pieces[at * many..(at + 1) * many].iter().map(piece).collect();
        ProvenLine { line: line.clone(), pieces }
    }
}

fn node(written: &str) -> Option<Node> {
    let (sum, hash) = written.split_once(':')?;
    Some(Node { sum: Sen(sum.parse().ok()?), hash: from_base64url(hash)?.try_into().ok()? })
}

/// Proves a slip, offline: the statement is signed, and each of the person's lines is inside its total.
///
/// # Errors
/// [`SlipFault`].
pub fn check_slip(slip: &SlipProof, key: &ReceiptPublicKey) -> Result<Statement, SlipFault> {
    let statement = Statement::open(&slip.statement, key)?;
    let mut places = Vec::new();
    for proven in &slip.lines {
        let inside = check_line(&statement, proven, &mut places);
        inside.ok_or(SlipFault::NotInside(proven.line.line))?;
    }
    let pieces = places.len();
    places.sort_unstable();
    places.dedup();
    let one_person = slip.lines.windows(2).all(|pair| pair[0].line.id_number == pair[1].line.id_number);
    if slip.lines.is_empty() || places.len() != pieces || !one_person {
        return Err(SlipFault::Lines);
    }
    Ok(statement)
}

fn check_line(statement: &Statement, proven: &ProvenLine, places: &mut Vec<usize>) -> Option<()> {
    if proven.pieces.len() != usize::from(PIECES) {
        return None;
    }
    let root: [u8; 32] = from_base64url(&statement.root)?.try_into().ok()?;
    let root = Node { sum: statement.total, hash: root };
    let count = statement.people.checked_mul(usize::from(PIECES))?;
    let mut sum = 0_i64;
    for (number, piece) in (0..PIECES).zip(&proven.pieces) {
        let salt = from_base64url(&piece.salt)?;
        let leaf = leaf(&content(&statement.number, &proven.line, number, &salt), piece.sen)?;
        let path = piece.path.iter().map(|written| node(written)).collect::<Option<Vec<Node>>>()?;
        if climb(leaf, piece.place, count, &path)? != root {
            return None;
        }
        sum = sum.checked_add(piece.sen.0)?;
        places.push(piece.place);
    }
    (Sen(sum) == proven.line.total_sen).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::receipt::signed::tests::key;

    fn line(at: u64) -> SlipLine {
        SlipLine {
            line: at,
            id_number: format!("9001011499{at:02}"),
            name: format!("CONTOH {at}"),
            month: "2026-10".parse().expect("a month"),
            employer_sen: Some(Sen(100 * at as i64)),
            employee_sen: Some(Sen(30)),
            skbbk_sen: Sen::ZERO,
            total_sen: Sen(100 * at as i64 + 30),
        }
    }

    fn slip(people: u64, at: usize, key: &ReceiptKey) -> SlipProof {
        let lines: Vec<SlipLine> = (1..=people).map(line).collect();
        let secret = DataKey::new(&[7; 32]);
        let grown = grow(&secret, "ACR112260000001", &lines).expect("a tree");
        let total = lines.iter().map(|line| line.total_sen).sum();
        assert_eq!(grown.root().sum, total);
        let statement = Statement {
            number: "ACR112260000001".to_owned(),
            scheme: Scheme::Act4,
            employer_code: "A9900000001Z".to_owned(),
            issuer: "PEJABAT CONTOH".to_owned(),
            people: lines.len(),
            total,
            root: to_base64url(&grown.root().hash),
            receipt: String::new(),
            paid_on: String::new(),
        };
        SlipProof { caruman_slip: 1, statement: statement.sign(key), lines: vec![grown.prove(at, &lines[at])] }
    }

    #[test]
    fn every_line_of_every_list_is_proven() {
        let key = key();
        for people in [1, 2, 3, 12] {
            for at in 0..people as usize {
                let slip = slip(people, at, &key);
                let statement = check_slip(&slip, &key.public()).expect("genuine");
                assert_eq!(statement.people, people as usize);
                let text = serde_json::to_string(&slip).expect("JSON");
                assert_eq!(serde_json::from_str::<SlipProof>(&text).expect("read"), slip);
                assert!(!text.contains("CONTOH 9") || at == 8, "no colleague stands in it");
            }
        }
    }

    #[test]
    fn a_changed_sen_path_or_root_fails() {
        let key = key();
        let good = slip(12, 5, &key);
        let other = slip(12, 6, &key);
        let fails = |change: &dyn Fn(&mut SlipProof)| {
            let mut slip = good.clone();
            change(&mut slip);
            assert!(check_slip(&slip, &key.public()).is_err());
        };
        fails(&|slip| slip.lines[0].line.total_sen += Sen(1));
        fails(&|slip| slip.lines[0].line.employer_sen = Some(Sen(1)));
        fails(&|slip| slip.lines[0].line.name.push('X'));
        fails(&|slip| {
            slip.lines[0].line.total_sen += Sen(1);
            slip.lines[0].pieces[0].sen += Sen(1);
        });
        fails(&|slip| slip.lines[0].pieces[1].path[2].insert(0, '1'));
        fails(&|slip| slip.lines[0].pieces[1].path.swap(0, 1));
        fails(&|slip| drop(slip.lines[0].pieces[1].path.pop()));
        fails(&|slip| drop(slip.lines[0].pieces.pop()));
        fails(&|slip| slip.lines[0].pieces.swap(0, 1));
        fails(&|slip| slip.lines[0].pieces = other.lines[0].pieces.clone());
        fails(&|slip| slip.lines.push(slip.lines[0].clone()));
        fails(&|slip| slip.lines.push(other.lines[0].clone()));
        fails(&|slip| slip.lines.clear());
        fails(&|slip| slip.statement = slip.statement.replace("|12|", "|13|"));
        assert!(check_slip(&good, &super::tests::key().public()).is_err());
    }

    #[test]
    fn pieces_add_up_and_hide_what_colleagues_pay() {
        let secret = Secret { key: &DataKey::new(&[7; 32]), number: "ACR112260000001" };
        for amount in [0, 1, 3, 9_830] {
            let line = SlipLine { total_sen: Sen(amount), ..line(1) };
            let pieces = secret.cut(&line);
            assert_eq!((pieces.len(), pieces.iter().copied().sum::<Sen>()), (4, Sen(amount)));
            assert!(pieces.iter().all(|piece| *piece >= Sen::ZERO));
        }
    }
}
