# The cart, charges and payment outside FPX, in English.

## Why something cannot be picked

cart-empty = the cart is empty: Add to Cart first
cart-refused-not-of-employer = { $number } is not an acknowledgement or charge of { $employer }
cart-refused-unknown = { $number } is not an acknowledgement or charge
cart-refused-nil = { $number } is a nil month: there is nothing to pay
cart-refused-awaits-approval = { $number } waits for the employer's second person and has no ACR or ECR number yet
cart-refused-withdrawn = { $number } was withdrawn and cannot be paid
cart-refused-paid = { $number } is paid already
cart-refused-at-bank = { $number } is at the bank with payment { $payment }; look again after { $until }
cart-refused-at-approver = { $number } is at the bank with payment { $payment }, which waits for your approver until { $until }
cart-refused-not-sent = { $number } belongs to payment { $payment }, which has not gone to the bank; continue that payment, or free it with payment cancel { $payment }
cart-refused-just-ended = { $number } was at the bank a moment ago; look again now
cart-refused-appealed = { $number } is under appeal and is not asked until that is decided
cart-refused-not-asked = { $number } is not asked any more
cart-refused-in-cart = { $number } is in the cart; Remove it there first
cart-refused-not-in-cart = { $number } is not in the cart

## Moving things

cart-added = { $count ->
    [one] 1 item added to the cart
   *[other] { $count } items added to the cart
}
cart-already = { $count ->
    [one] 1 was there already
   *[other] { $count } were there already
}
cart-nothing-to-add = nothing is ready to be paid
cart-removed = { $count ->
    [one] 1 item taken from the cart
   *[other] { $count } items taken from the cart
}
cart-next = Next: Proceed to Summary (cart summary --employer { $employer })
cart-at-bank = At the bank with payment { $payment }: { $list }
cart-not-sent = In payment { $payment }, which has not gone to the bank (payment cancel { $payment } frees it): { $list }

## Summary

cart-heading = Summary of { $employer } for payment on { $day }
cart-reference = number
cart-for = for
cart-months = months
cart-due = due
cart-late = late
cart-days = { $count } d
cart-amount = amount
cart-mark = ✓ in the cart
cart-contributions = contributions
cart-interest = late interest
cart-compounds = compounds
cart-subtotal = sub-total
cart-grand-total = grand total
cart-kind-monthly = monthly
cart-kind-supplementary = supplementary
cart-kind-arrears = arrears
cart-kind-short-payment = short payment
cart-kind-nil = nil
cart-kind-interest = late interest
cart-kind-compound = compound
cart-model-b2c = personal
cart-model-b2b1 = corporate
cart-late-now = Late interest when paid on { $day }: { $asked } ({ $daily } by the day alone; { $minimum } with RM5 at least for each month or part).
cart-late-later = Late interest when paid on { $day }: { $asked } ({ $daily } by the day alone; { $minimum } with RM5 at least for each month or part). It is not in this payment and will be asked afterwards.
cart-late-apart = Apart from this, the cart holds { $amount } of late interest that is asked under numbers of its own; it does not change with the day.
cart-late-tomorrow = One day later: { $asked } ({ $daily } by the day alone; { $minimum } with the minimum).
cart-late-step = From { $day } another month or part of a month counts: { $asked } ({ $daily } by the day alone; { $minimum } with the minimum), { $more } more than now.
cart-not-late = Nothing is late on { $day }.
cart-discount = { $number }: { $campaign }, { $percent } % off: { $off } of { $asked } is not asked.
cart-fits = { $model }: one payment of { $total } (at most { $limit }). Continue.
cart-below-minimum = { $model }: { $total } is less than the { $minimum } that FPX takes. Pay at a counter with the ACR or ECR, or by transfer:
cart-above-limit = { $model }: { $total } is more than the { $limit } that one payment may be. { $count ->
    [0] No part of it fits.
    [one] This fits into 1 payment:
   *[other] Pay in { $count } payments, none of which cuts an acknowledgement:
}
cart-above-bank-limit = { $model }: { $total } is more than the { $limit } that your bank lets you pay at once. { $count ->
    [0] No part of it fits.
    [one] This fits into 1 payment:
   *[other] Pay in { $count } payments, none of which cuts an acknowledgement:
}
cart-part = { "  " }{ $place }. { $amount }: { $list }
cart-part-below-minimum = { "  " }{ $place }. { $amount }, less than FPX takes, so at a counter or by transfer: { $list }
cart-too-large-other-model = { "  " }{ $number } alone is { $amount }: pay it as { $model }, at a counter or by transfer.
cart-too-large-bank-limit = { "  " }{ $number } alone is { $amount }: ask your bank to raise the limit of the account ({ $model }), or pay at a counter or by transfer.
cart-too-large-outside = { "  " }{ $number } alone is { $amount }, more than FPX takes: pay at a counter or by transfer.
cart-transfer = { "  " }transfer { $amount } for { $month } with the payment text { $text }
cart-transfer-no-text = { "  " }transfer { $amount } for { $month }; ask PERKESO for the payment text, as the employer code has not 12 places
cart-next-step = Next: { $command }

## Paying

pay-one-payment = Nothing was started: the cart fits into one payment, so leave --part out.
pay-below-minimum = Nothing was started: pay it outside FPX and enter it with payment offline, or add more to the cart.
pay-name-part = Nothing was started: name a part with --part, from 1 to { $count }.
pay-no-part = Nothing was started: no part of the cart can be paid over FPX as { $model }.
pay-part-unknown = Nothing was started: there is no part { $part }; the parts are 1 to { $count }.
pay-part-below-minimum = Nothing was started: part { $part } is less than FPX takes; pay it outside FPX and enter it with payment offline.
pay-rest = The rest of the cart is still to be paid: run pay again for it when this part is done.

## Charges

charge-added = { $number }: { $amount } is asked
charge-appealed = { $number } is under appeal; nothing is asked until it is decided
charge-waived = { $number } is waived: nothing is asked any more
charge-cut = { $number } is cut: { $amount } is asked instead of { $before }
charge-kept = { $number } stays: { $amount } is asked
charge-none = No charges.
payment-none = No payments.
receipt-none = No receipts.
case-none = No cases.

## Payment outside FPX

offline-nothing = nothing to pay is named; a file of evidence begins with the line acknowledgement,means,paid_on,amount_rm,evidence,bank and has a row for each acknowledgement or charge
offline-several-employers = one payment pays for one employer, and what is named belongs to several
offline-amount = { $paid } was paid, but { $asked } is asked: the exact amount is needed
offline-amount-late = { $paid } was paid, but { $asked } is asked, or { $interest } with the late interest of the day of payment: one of these exact amounts is needed
offline-in-future = { $day } is not over: a payment cannot lie in the future
offline-refused-issued-later = { $number } was issued on { $issued } and cannot have been paid with on { $day }; look at the slip again, and if the money did come earlier, enter { $issued } and appeal against the late interest
offline-not-outside = FPX is not a payment outside FPX; write counter, transfer or cheque
offline-no-evidence = say what proves the payment (a slip, reference or cheque number) and who enters it
offline-twice = { $evidence } was entered before as { $number }; only the late interest which that payment left behind can be entered with it again
offline-columns = there are not six values
offline-other-row = not kept, because line { $line } of the same payment is at fault
offline-settled = { $number }: { $amount } received
offline-receipt = { "  " }receipt { $number } ({ $scheme })
offline-interest = { "  " }it was late: interest { $number }, { $amount }, is asked
