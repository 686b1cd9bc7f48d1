//! What `selfcheck` asks the database about money: locks, receipts and books, each as a statement that finds the first
//! row which breaks the law.

use super::questions::Question;

/// Questions about payments, in the order in which they are asked, after [`super::audit::QUESTIONS`].
pub const MONEY: &[Question] = &[
    Question {
        law: "L9",
        name: "at-bank-locked",
        table: "acknowledgement",
        says: "is at the bank, and not locked by exactly one attempt to pay",
        sql: "select a.number from acknowledgement a where a.state = 'at-bank' and 1 <> \
              (select count(*) from payment_item i where i.reference = a.number and i.open = 1) \
              order by a.number limit 1",
    },
    Question {
        law: "L9",
        name: "charge-at-bank-locked",
        table: "charge",
        says: "is at the bank, and not locked by exactly one attempt to pay",
        sql: "select c.number from charge c where c.state = 'at-bank' and 1 <> \
              (select count(*) from payment_item i where i.reference = c.number and i.open = 1) \
              order by c.number limit 1",
    },
    Question {
        law: "L9",
        name: "charge-appealed",
        table: "charge",
        says: "is under appeal and has no open appeal, or has one and is not",
        sql: "select c.number from charge c where (c.state = 'appealed') <> exists (select 1 from appeal a \
              where a.charge = c.number and a.outcome is null) order by c.number limit 1",
    },
    Question {
        law: "L9",
        name: "locks-at-bank",
        table: "payment_item",
        says: "locks something that is not at the bank",
        sql: "select i.payment || ' ' || i.reference as named from payment_item i where i.open = 1 \
              and not exists (select 1 from acknowledgement a where a.number = i.reference and a.state = 'at-bank') \
              and not exists (select 1 from charge c where c.number = i.reference and c.state = 'at-bank') \
              order by i.payment, i.position limit 1",
    },
    Question {
        law: "L9",
        name: "locks-of-open-payments",
        table: "payment",
        // An end that must be confirmed keeps its locks until it is; of what had been free, some may be elsewhere.
        says: "has ended and locks something, or has not and does not",
        sql: "select p.number from payment p where exists (select 1 from payment_item i where i.payment = p.number \
              and case when p.state in ('created', 'sent', 'pending-bank', 'pending-authoriser') then i.open = 0 \
              when p.state in ('failed', 'abandoned') and p.confirming = 1 then 1 = 0 else i.open = 1 end) \
              order by p.number limit 1",
    },
    Question {
        law: "L8",
        name: "paid-is-receipted",
        table: "payment",
        says: "is paid, and its receipts and what lies in suspense are not its amount",
        sql: "select p.number from payment p where p.state = 'paid' and p.amount_sen <> \
              (select coalesce(sum(r.total_sen), 0) from receipt r where r.payment = p.number) \
              - (select coalesce(sum(j.amount_sen), 0) from journal j where j.subject = p.number \
              and j.account = 'suspense' and j.amount_sen < 0) order by p.number limit 1",
    },
    Question {
        law: "L8",
        name: "paid-is-booked",
        table: "payment",
        says: "stands in the books with another amount than the bank took",
        sql: "select p.number from payment p where case when p.state = 'paid' then p.amount_sen else 0 end <> \
              (select coalesce(sum(j.amount_sen), 0) from journal j where j.subject = p.number \
              and j.account = 'bank-fpx') order by p.number limit 1",
    },
    Question {
        law: "L8",
        name: "offline-is-receipted",
        table: "offline_payment",
        says: "has receipts or entries in the books of another amount",
        sql: "select o.number from offline_payment o where o.amount_sen <> \
              (select coalesce(sum(r.total_sen), 0) from receipt r where r.payment = o.number) or o.amount_sen <> \
              (select coalesce(sum(j.amount_sen), 0) from journal j where j.subject = o.number \
              and j.account = 'bank-offline') order by o.number limit 1",
    },
    Question {
        law: "L2",
        name: "evidence-entered-once",
        table: "offline_payment",
        says: "was entered with evidence of another payment, and is not the late interest that it left behind",
        sql: "select o.number from offline_payment o where o.follows <> '' and (not exists (select 1 \
              from offline_payment f where f.number = o.follows and f.follows = '' and f.means = o.means \
              and f.bank = o.bank and f.evidence = o.evidence and f.paid_on = o.paid_on \
              and f.employer_code = o.employer_code) or exists (select 1 from receipt r join receipt_line l \
              on l.receipt = r.number where r.payment = o.number and not exists (select 1 from charge c \
              join receipt_line b on b.reference = c.acknowledgement join receipt p on p.number = b.receipt \
              where c.number = l.reference and c.kind = 'interest' and p.payment = o.follows))) \
              order by o.number limit 1",
    },
    Question {
        law: "L1",
        name: "receipts-of-payments",
        table: "receipt",
        says: "belongs to no payment of its employer that was paid",
        sql: "select r.number from receipt r where not exists (select 1 from payment p where p.number = r.payment \
              and p.state = 'paid' and p.employer_code = r.employer_code) and not exists (select 1 \
              from offline_payment o where o.number = r.payment and o.employer_code = r.employer_code) \
              order by r.number limit 1",
    },
    Question {
        law: "L8",
        name: "acknowledgements-receipted",
        table: "acknowledgement",
        says: "is receipted and stands on no receipt of its Act with its total, or is not and stands on one",
        sql: "select a.number from acknowledgement a where (a.state in ('receipted', 'closed')) <> exists (select 1 \
              from receipt_line l join receipt r on r.number = l.receipt where l.reference = a.number \
              and l.amount_sen = a.total_sen and r.scheme = a.scheme and r.employer_code = a.employer_code) \
              order by a.number limit 1",
    },
    Question {
        law: "L8",
        name: "charges-receipted",
        table: "charge",
        says: "is paid and stands on no receipt of its Act with its amount, or is not and stands on one",
        sql: "select c.number from charge c where (c.state = 'paid') <> exists (select 1 \
              from receipt_line l join receipt r on r.number = l.receipt where l.reference = c.number \
              and l.amount_sen = c.amount_sen and r.scheme = c.scheme and r.employer_code = c.employer_code) \
              order by c.number limit 1",
    },
    Question {
        law: "L8",
        name: "refunds-booked",
        table: "office_case",
        says: "was closed as refunded and the books have another amount, or have one and it was not",
        sql: "select c.number from office_case c where (case when c.kind = 'refund' and c.state = 'closed' \
              and c.refunded_on is not null then c.amount_sen else 0 end) <> (select coalesce(sum(j.amount_sen), 0) \
              from journal j where j.subject = c.number and j.account = 'suspense') or exists (select 1 from journal j \
              where j.subject = c.number and j.account not in ('suspense', 'bank-fpx')) order by c.number limit 1",
    },
    Question {
        law: "L8",
        name: "suspense-goes-back",
        table: "payment",
        says: "is paid, and its case is about another amount than lies in suspense",
        sql: "select p.number from payment p where p.state = 'paid' and exists (select 1 from office_case c \
              where c.subject = p.number and c.kind = 'refund' and c.amount_sen <> (select -coalesce(sum(j.amount_sen), 0) \
              from journal j where j.subject = p.number and j.account = 'suspense')) order by p.number limit 1",
    },
    Question {
        law: "L9",
        name: "payment-history",
        table: "payment",
        says: "is not where its recorded events lead",
        sql: "select p.number from payment p where case p.state when 'created' then 'payment-started' \
              when 'sent' then 'payment-sent' else p.state end <> coalesce((select e.what from event e \
              where e.subject = p.number and e.what in ('payment-started', 'payment-sent', 'pending-bank', \
              'pending-authoriser', 'paid', 'failed', 'abandoned') order by e.id desc limit 1), '') \
              order by p.number limit 1",
    },
    Question {
        law: "L9",
        name: "case-history",
        table: "office_case",
        says: "is closed and was not closed by two persons, or is not and was",
        sql: "select c.number from office_case c where (c.state = 'closed') <> exists (select 1 from event e \
              where e.subject = c.number and e.what = 'case-closed' and e.who = c.closed_by \
              and c.closed_by <> c.proposed_by) order by c.number limit 1",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit::QUESTIONS;

    #[test]
    fn questions_have_names_of_their_own() {
        let mut names: Vec<&str> = QUESTIONS.iter().chain(MONEY).map(|question| question.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), QUESTIONS.len() + MONEY.len());
    }
}
