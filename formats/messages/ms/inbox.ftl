# Perkataan jawapan di sebelah fail yang dihantar, dalam Bahasa Malaysia.

inbox-accepted = Diterima: { $numbers }. Tiada apa-apa perlu dibetulkan.
inbox-accepted-partly = Diterima sebahagian: { $numbers }. Bakinya perlu dibetulkan.
inbox-taken-waiting = Diterima, tanpa nombor setakat ini. Lihat keterangan bagi setiap serahan.
inbox-duplicate = Fail ini telah diterima sebelum ini dan tidak diterima dua kali. Nombornya ialah: { $numbers }.
inbox-rejected = Tidak diterima. Betulkan perkara di bawah dan hantar semula fail, atau isi helaian pembetulan dan hantar helaian itu.
inbox-refused = Tidak diterima: ini bukan fail yang boleh diterima. Lihat sebabnya di bawah.
inbox-waits = Telah disemak, dan ditahan sehingga dilepaskan oleh pegawai. Belum ada apa-apa yang diakui terima.
inbox-test-good = Ujian sahaja: fail ini akan diterima. Tiada apa-apa disimpan atau diakui terima.
inbox-test-bad = Ujian sahaja: fail ini tidak akan diterima dalam bentuk ini. Tiada apa-apa disimpan atau diakui terima.
inbox-quarantined = Ditahan: atur cara terhenti dua kali semasa memproses fail ini. Pengendali perlu memeriksanya.

inbox-symlink = Tidak diterima: ini pautan kepada fail lain. Hantar fail itu sendiri.
inbox-folder = Tidak diterima: ini sebuah folder. Hantar fail di dalamnya satu demi satu.
inbox-special = Tidak diterima: ini paip, soket atau peranti, bukan fail.
inbox-hard-link = Tidak diterima: fail ini mempunyai nama kedua di tempat lain (pautan keras), jadi boleh diubah dari sana. Hantar salinannya.
inbox-unreadable = Tidak diterima: fail tidak dapat dibaca ({ $reason }). Benarkan atur cara membacanya, dan hantar semula.
inbox-transfer = Tidak diterima: fail tidak sama dengan yang diterangkan dalam fail .done (saiz atau sha256). Hantar semula.
inbox-evidence-test = Tidak diterima: bukti bayaran akan direkodkan, dan folder ini untuk ujian sahaja.
inbox-payments = Bayaran direkodkan. Resit rasmi: { $numbers }.
inbox-payments-partly = Bayaran direkodkan sebahagian. Resit rasmi: { $numbers }. Baris lain tidak direkodkan; lihat sebabnya di bawah.
inbox-payments-before = Bayaran ini telah direkodkan sebelum ini dan tidak direkodkan dua kali. Resit rasmi: { $numbers }.
inbox-payments-before-partly = Bayaran ini telah direkodkan sebelum ini dan tidak direkodkan dua kali. Resit rasmi: { $numbers }. Baris lain tidak direkodkan; lihat sebabnya di bawah.
inbox-payments-none = Tidak diterima: tiada bayaran dalam senarai ini dapat direkodkan. Lihat sebabnya di bawah.
inbox-payment = { $number } · { $employer } · RM { $amount } · resit rasmi { $receipts }
inbox-payment-charge = Faedah caruman lewat bayar tidak dibayar bersamanya dan dituntut sebagai { $number }.
inbox-sheet-failed = Tidak diterima, dan tiada apa-apa diubah. Helaian pembetulan tidak dapat digunakan: { $reason }
inbox-sheet-test = Tidak diterima: helaian pembetulan mengubah apa yang telah diserahkan, dan folder ini untuk ujian sahaja.
inbox-failed = Tidak diterima: { $reason }

inbox-file = Fail: { $file }
inbox-delivery = Penghantaran { $number }, diterima { $at }
inbox-submission = { $number } · { $employer } · { $state }
inbox-pay = Bayar RM { $amount } bagi { $number } selewat-lewatnya { $date }.
inbox-interest = Faedah caruman lewat bayar pada hari ini: RM { $amount }.
inbox-held-lines = Baris yang menunggu pembetulan: { $count }
inbox-place = Baris { $line }
inbox-whole = Seluruh fail
inbox-more = … dan { $count } lagi; semuanya ada dalam fail .answer.json.
inbox-sheet = Perkara yang perlu dibetulkan disenaraikan dalam { $file }: isikan yang betul di situ dan hantar helaian itu ke folder yang sama.
inbox-moved = Fail kini berada di { $place }.
