# Troli, caj dan bayaran di luar FPX, dalam bahasa Melayu.

## Mengapa sesuatu tidak boleh dipilih

cart-empty = troli kosong: Add to Cart dahulu
cart-refused-not-of-employer = { $number } bukan akuan terimaan atau caj { $employer }
cart-refused-unknown = { $number } bukan akuan terimaan atau caj
cart-refused-nil = { $number } ialah bulan tanpa caruman: tiada apa-apa untuk dibayar
cart-refused-awaits-approval = { $number } menunggu orang kedua majikan dan belum ada nombor ACR atau ECR
cart-refused-withdrawn = { $number } telah ditarik balik dan tidak boleh dibayar
cart-refused-paid = { $number } sudah dibayar
cart-refused-at-bank = { $number } berada di bank dengan bayaran { $payment }; semak semula selepas { $until }
cart-refused-at-approver = { $number } berada di bank dengan bayaran { $payment }, yang menunggu pelulus anda sehingga { $until }
cart-refused-not-sent = { $number } berada dalam bayaran { $payment } yang belum sampai ke bank; teruskan bayaran itu, atau bebaskan dengan payment cancel { $payment }
cart-refused-just-ended = { $number } berada di bank sebentar tadi; semak semula sekarang
cart-refused-appealed = { $number } dalam rayuan dan tidak dituntut sehingga rayuan diputuskan
cart-refused-not-asked = { $number } tidak lagi dituntut
cart-refused-in-cart = { $number } berada dalam troli; Remove di situ dahulu
cart-refused-not-in-cart = { $number } tiada dalam troli

## Memindahkan

cart-added = { $count } perkara dimasukkan ke dalam troli
cart-already = { $count } sudah ada di situ
cart-nothing-to-add = tiada apa-apa yang sedia untuk dibayar
cart-removed = { $count } perkara dikeluarkan dari troli
cart-next = Seterusnya: Proceed to Summary (cart summary --employer { $employer })
cart-at-bank = Di bank dengan bayaran { $payment }: { $list }
cart-not-sent = Dalam bayaran { $payment } yang belum sampai ke bank (payment cancel { $payment } membebaskannya): { $list }

## Ringkasan

cart-heading = Ringkasan { $employer } untuk bayaran pada { $day }
cart-reference = nombor
cart-for = untuk
cart-months = bulan
cart-due = akhir
cart-late = lewat
cart-days = { $count } h
cart-amount = amaun
cart-mark = ✓ dalam troli
cart-contributions = caruman
cart-interest = faedah lewat bayar
cart-compounds = kompaun
cart-subtotal = jumlah kecil
cart-grand-total = jumlah besar
cart-kind-monthly = bulanan
cart-kind-supplementary = tambahan
cart-kind-arrears = tunggakan
cart-kind-short-payment = kekurangan
cart-kind-nil = tanpa caruman
cart-kind-interest = faedah lewat
cart-kind-compound = kompaun
cart-model-b2c = peribadi
cart-model-b2b1 = korporat
cart-late-now = Faedah lewat bayar jika dibayar pada { $day }: { $asked } ({ $daily } mengikut hari sahaja; { $minimum } dengan sekurang-kurangnya RM5 bagi setiap bulan atau sebahagian bulan).
cart-late-later = Faedah lewat bayar jika dibayar pada { $day }: { $asked } ({ $daily } mengikut hari sahaja; { $minimum } dengan sekurang-kurangnya RM5 bagi setiap bulan atau sebahagian bulan). Faedah ini tiada dalam bayaran ini dan akan dituntut kemudian.
cart-late-apart = Selain itu, troli mengandungi faedah lewat bayar { $amount } yang dituntut di bawah nombornya sendiri; ia tidak berubah mengikut hari.
cart-late-tomorrow = Sehari kemudian: { $asked } ({ $daily } mengikut hari sahaja; { $minimum } dengan minimum).
cart-late-step = Mulai { $day } sebulan atau sebahagian bulan lagi dikira: { $asked } ({ $daily } mengikut hari sahaja; { $minimum } dengan minimum), { $more } lebih daripada sekarang.
cart-not-late = Tiada yang lewat pada { $day }.
cart-discount = { $number }: { $campaign }, potongan { $percent } %: { $off } daripada { $asked } tidak dituntut.
cart-fits = { $model }: satu bayaran { $total } (paling banyak { $limit }). Continue.
cart-below-minimum = { $model }: { $total } kurang daripada { $minimum } yang diterima FPX. Bayar di kaunter dengan ACR atau ECR, atau melalui pindahan:
cart-above-limit = { $model }: { $total } melebihi { $limit } yang dibenarkan bagi satu bayaran. { $count ->
    [0] Tiada bahagian yang muat.
    [1] Ini muat dalam 1 bayaran:
   *[other] Bayar dalam { $count } bayaran tanpa memecahkan mana-mana akuan terimaan:
}
cart-above-bank-limit = { $model }: { $total } melebihi { $limit } yang dibenarkan bank anda bagi satu bayaran. { $count ->
    [0] Tiada bahagian yang muat.
    [1] Ini muat dalam 1 bayaran:
   *[other] Bayar dalam { $count } bayaran tanpa memecahkan mana-mana akuan terimaan:
}
cart-part = { "  " }{ $place }. { $amount }: { $list }
cart-part-below-minimum = { "  " }{ $place }. { $amount }, kurang daripada yang diterima FPX, jadi di kaunter atau melalui pindahan: { $list }
cart-too-large-other-model = { "  " }{ $number } sahaja { $amount }: bayar sebagai { $model }, di kaunter atau melalui pindahan.
cart-too-large-bank-limit = { "  " }{ $number } sahaja { $amount }: minta bank menaikkan had akaun ({ $model }), atau bayar di kaunter atau melalui pindahan.
cart-too-large-outside = { "  " }{ $number } sahaja { $amount }, melebihi yang diterima FPX: bayar di kaunter atau melalui pindahan.
cart-transfer = { "  " }pindahkan { $amount } untuk { $month } dengan teks bayaran { $text }
cart-transfer-no-text = { "  " }pindahkan { $amount } untuk { $month }; tanya PERKESO teks bayarannya, kerana kod majikan tidak cukup 12 tempat
cart-next-step = Seterusnya: { $command }

## Membayar

pay-one-payment = Tiada apa-apa dimulakan: troli muat dalam satu bayaran, jadi tinggalkan --part.
pay-below-minimum = Tiada apa-apa dimulakan: bayar di luar FPX dan masukkan dengan payment offline, atau tambah lagi ke dalam troli.
pay-name-part = Tiada apa-apa dimulakan: namakan bahagian dengan --part, dari 1 hingga { $count }.
pay-no-part = Tiada apa-apa dimulakan: tiada bahagian troli yang boleh dibayar melalui FPX sebagai { $model }.
pay-part-unknown = Tiada apa-apa dimulakan: tiada bahagian { $part }; bahagiannya 1 hingga { $count }.
pay-part-below-minimum = Tiada apa-apa dimulakan: bahagian { $part } kurang daripada yang diterima FPX; bayar di luar FPX dan masukkan dengan payment offline.
pay-rest = Baki troli masih perlu dibayar: jalankan pay sekali lagi apabila bahagian ini selesai.

## Caj

charge-added = { $number }: { $amount } dituntut
charge-appealed = { $number } dalam rayuan; tiada tuntutan sehingga diputuskan
charge-waived = { $number } dikecualikan: tiada lagi tuntutan
charge-cut = { $number } dikurangkan: { $amount } dituntut, bukan { $before }
charge-kept = { $number } kekal: { $amount } dituntut
charge-none = Tiada caj.
payment-none = Tiada bayaran.
receipt-none = Tiada resit.
case-none = Tiada kes.

## Bayaran di luar FPX

offline-nothing = tiada apa-apa untuk dibayar dinamakan; fail bukti bermula dengan baris acknowledgement,means,paid_on,amount_rm,evidence,bank dan mempunyai satu baris bagi setiap akuan terimaan atau caj
offline-several-employers = satu bayaran adalah untuk seorang majikan, tetapi yang dinamakan milik beberapa majikan
offline-amount = { $paid } dibayar, tetapi { $asked } dituntut: amaun yang tepat diperlukan
offline-amount-late = { $paid } dibayar, tetapi { $asked } dituntut, atau { $interest } dengan faedah lewat bayar bagi hari bayaran: salah satu amaun yang tepat ini diperlukan
offline-in-future = { $day } belum berlalu: bayaran tidak boleh pada masa hadapan
offline-refused-issued-later = { $number } dikeluarkan pada { $issued } dan tidak mungkin dibayar pada { $day }; semak semula slip, dan jika wang memang diterima lebih awal, masukkan { $issued } dan buat rayuan terhadap faedah lewat bayar
offline-not-outside = FPX bukan bayaran di luar FPX; tulis counter, transfer atau cheque
offline-no-evidence = nyatakan bukti bayaran (nombor slip, rujukan atau cek) dan siapa yang memasukkannya
offline-twice = { $evidence } sudah dimasukkan sebagai { $number }; hanya faedah lewat bayar yang ditinggalkan oleh bayaran itu boleh dimasukkan lagi dengannya
offline-columns = nilainya bukan enam
offline-other-row = tidak disimpan kerana baris { $line } bagi bayaran yang sama salah
offline-settled = { $number }: { $amount } diterima
offline-receipt = { "  " }resit { $number } ({ $scheme })
offline-interest = { "  " }bayaran lewat: faedah { $number }, { $amount }, dituntut
