//! A tree of sums: every node has a sum of sen and a SHA-256 over its children's sums and hashes, so the root proves the
//! total, and a path of neighbours proves that a leaf is inside it. A node without a neighbour goes up as it is.

use sha2::{Digest, Sha256};

use crate::domain::Sen;

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// Everything below it, sen; never below zero.
    pub sum: Sen,
    /// Fingerprint of everything below it.
    pub hash: [u8; 32],
}

/// A leaf with this content. `None` below zero.
pub fn leaf(content: &[u8], sum: Sen) -> Option<Node> {
    hashed(0, sum, &[&sum.0.to_be_bytes(), content])
}

/// The node above two. `None` where a sum is below zero or too large: such a tree proves nothing.
fn above(left: &Node, right: &Node) -> Option<Node> {
    if left.sum < Sen::ZERO || right.sum < Sen::ZERO {
        return None;
    }
    let sum = Sen(left.sum.0.checked_add(right.sum.0)?);
    hashed(1, sum, &[&left.sum.0.to_be_bytes(), &left.hash, &right.sum.0.to_be_bytes(), &right.hash])
}

/// Leaves begin with 0 and nodes with 1, so that neither can stand for the other.
fn hashed(kind: u8, sum: Sen, parts: &[&[u8]]) -> Option<Node> {
    let mut hash = Sha256::new_with_prefix([kind]);
    parts.iter().for_each(|part| hash.update(part));
    (sum >= Sen::ZERO).then(|| Node { sum, hash: hash.finalize().into() })
}

/// A whole tree: levels from the leaves to the root.
pub struct Tree {
    levels: Vec<Vec<Node>>,
}

impl Tree {
    /// The tree over these leaves. `None` without leaves, or where the sums are too large.
    pub fn over(leaves: Vec<Node>) -> Option<Tree> {
        let mut levels = vec![leaves];
        while levels.last()?.len() > 1 {
            let pairs = levels.last()?.chunks(2).map(|pair| match pair {
                [left, right] => above(left, right),
                alone => alone.first().copied(),
            });
            let level = pairs.collect::<Option<Vec<Node>>>()?;
            levels.push(level);
        }
        (!levels.last()?.is_empty()).then_some(Tree { levels })
    }

    /// The root.
    pub fn root(&self) -> Node {
        self.levels.last().expect("a tree has levels")[0]
    }

    /// The neighbours of a leaf on its way to the root.
    pub fn path(&self, leaf: usize) -> Vec<Node> {
        let below_root = &self.levels[..self.levels.len() - 1];
        let neighbour = |(up, level): (usize, &Vec<Node>)| level.get((leaf >> up) ^ 1).copied();
        below_root.iter().enumerate().filter_map(neighbour).collect()
    }
}

/// The root to which a leaf at this place among `count` leaves climbs. `None` where the path is too short, too long or
/// holds a sum that cannot be.
pub fn climb(leaf: Node, place: usize, count: usize, path: &[Node]) -> Option<Node> {
    let (mut node, mut place, mut count) = (leaf, place, count);
    if place >= count {
        return None;
    }
    let mut path = path.iter();
    while count > 1 {
        if place ^ 1 < count {
            let neighbour = path.next()?;
            node = if place.is_multiple_of(2) { above(&node, neighbour)? } else { above(neighbour, &node)? };
        }
        place /= 2;
        count = count.div_ceil(2);
    }
    path.next().is_none().then_some(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: usize) -> Vec<Node> {
        (0..count).map(|at| leaf(&[at as u8], Sen(at as i64 * 7)).expect("a leaf")).collect()
    }

    #[test]
    fn every_leaf_of_every_size_climbs_to_the_root() {
        for count in 1..=33 {
            let leaves = leaves(count);
            let tree = Tree::over(leaves.clone()).expect("a tree");
            assert_eq!(tree.root().sum, leaves.iter().map(|leaf| leaf.sum).sum());
            for (at, leaf) in leaves.iter().enumerate() {
                let path = tree.path(at);
                assert_eq!(climb(*leaf, at, count, &path), Some(tree.root()), "{at} of {count}");
                for wrong in [at + 1, at ^ 1] {
                    let end = climb(*leaf, wrong, count, &path);
                    assert!(wrong == at || end != Some(tree.root()), "{at} at {wrong} of {count}");
                }
                let other = Node { sum: Sen(leaf.sum.0 + 1), ..*leaf };
                assert!(count == 1 || climb(other, at, count, &path) != Some(tree.root()));
                let mut longer = path.clone();
                longer.push(*leaf);
                assert_eq!(climb(*leaf, at, count, &longer), None);
                if !path.is_empty() {
                    assert_eq!(climb(*leaf, at, count, &path[1..]).filter(|end| *end == tree.root()), None);
                }
            }
        }
        assert!(Tree::over(Vec::new()).is_none());
    }

    #[test]
    fn sums_below_zero_or_too_large_make_no_tree() {
        assert!(leaf(b"", Sen(-1)).is_none() && leaf(b"", Sen(0)).is_some());
        let large = leaf(b"", Sen(i64::MAX)).expect("a leaf");
        assert!(Tree::over(vec![large, leaf(b"", Sen(0)).expect("a leaf")]).is_some());
        assert!(Tree::over(vec![large, leaf(b"", Sen(1)).expect("a leaf")]).is_none());
        let honest = leaf(b"", Sen(5)).expect("a leaf");
        assert!(climb(honest, 0, 2, &[Node { sum: Sen(-1), hash: [0; 32] }]).is_none());
    }
}
