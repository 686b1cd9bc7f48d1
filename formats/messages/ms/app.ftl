# Perkataan pada paparan terminal, dalam bahasa Malaysia.

## Tahap: kesan sesuatu dapatan, dan label pendek di sisi baris

severity-stop = fail ditolak
severity-stop-label = TOLAK
severity-fix = baris ditahan sehingga dibetulkan
severity-fix-label = BETULKAN
severity-warn = wajar disemak
severity-warn-label = AMARAN
severity-note = untuk makluman
severity-note-label = MAKLUMAN

## Keputusan bagi fail

verdict-clean = tiada yang perlu dibetulkan
verdict-warnings = tiada yang perlu dibetulkan, ada perkara yang wajar disemak
verdict-errors = ada baris yang perlu dibetulkan
verdict-refused = fail ditolak

## Ruangan dalam format

field-employer-code = kod majikan
field-company-number = nombor MyCoID / SSM
field-id-number = nombor pengenalan
field-social-security-number = nombor keselamatan sosial
field-name = nama pekerja
field-month = bulan caruman
field-amount = caruman
field-date = tarikh kerja
field-status = status pekerjaan
field-wage = gaji
field-socso-employer = SOCSO, syer majikan
field-socso-employee = SOCSO, syer pekerja
field-eis-employer = SIP, syer majikan
field-eis-employee = SIP, syer pekerja
field-skbbk = SKBBK

## Label

label-line = baris
label-lines = baris
label-column = lajur
label-columns = lajur
label-found = tercatat
label-expected = sepatutnya
label-cure = tindakan
label-law = undang-undang
label-why = sebab
label-good-sample = betul
label-bad-sample = salah
label-severity = tahap
label-code = kod
label-field = ruangan
label-file = fail
label-layout = format
label-verdict = keputusan
label-policy = dasar
label-accepted = diterima
label-held = ditahan
label-act4 = SOCSO (Akta 4)
label-act800 = SIP (Akta 800)
label-employer = majikan
label-month = bulan
label-scheme = skim
label-people = pekerja
label-employer-share = syer majikan
label-employee-share = syer pekerja
label-skbbk = SKBBK
label-total = jumlah
label-due-date = tarikh akhir bayaran
label-days-late = hari lewat
label-late-interest = faedah lewat bayar
label-submission = serahan
label-acknowledgement = akuan terimaan
label-received = diterima pada
label-state = keadaan

## Dasar

label-policy-whole = seluruh fail atau tiada
label-policy-good-lines = baris yang betul diteruskan

## Ayat

text-not-checked-offline = Tidak disemak di luar talian:
text-more-findings = Dapatan selebihnya ada dalam output JSON dan CSV.
text-no-findings = Tiada dapatan.
text-identities-hidden = Nombor pengenalan dan nama disembunyikan; --show-identities memaparkannya.
text-interest-estimate = Faedah lewat bayar ialah anggaran; hanya bil PERKESO yang mengikat.

## Apa yang berubah sejak bulan lalu

change-nothing = tiada perubahan sejak bulan lalu
change-joined = { $count } pekerja baharu
change-left = { $count } berhenti
change-missing = { $count } tiada tanpa huruf status berhenti
change-moved = { $count } gaji berubah lebih daripada { $percent } %
change-renamed = { $count } nama dieja lain
change-category = { $count } bertukar kategori
change-eis-began = SIP bermula bagi { $count }
change-eis-ended = SIP tamat bagi { $count }

## Helaian pembetulan: cara mengisinya

text-fix-sheet-purpose = Setiap baris dalam helaian bernama fix ialah satu perkara yang perlu dibaiki dalam fail caruman; lajur message menyatakan apa yang salah.
text-fix-sheet-corrected = Isikan nilai yang betul dalam lajur corrected. Nilai yang sudah ada di situ hanyalah cadangan: baca dahulu, kemudian ubah atau kosongkan jika salah.
text-fix-sheet-money = Amaun ditulis dalam ringgit dengan titik, seperti 68.60 atau 1,234.50. Amaun tidak pernah dicadangkan: setiap satu perlu anda isikan sendiri.
text-fix-sheet-months = Bulan ditulis sebagai 102026, 2026-10 atau 10/2026; tarikh sebagai 31102026, 2026-10-31 atau 31/10/2026.
text-fix-sheet-delete = Isikan (padam) untuk mengeluarkan satu baris daripada fail, dan (kosong) untuk mengosongkan tarikh, status atau nombor syarikat.
text-fix-sheet-hold = Sel kosong, atau (biar), membiarkan baris itu seperti sedia ada; baris itu terus ditahan. Baris yang dibuang daripada helaian dikira kosong.
text-fix-sheet-more = Jika medan lain pada baris itu juga salah, tambah satu baris: nombor baris dalam line, nama medan seperti dalam lajur field, dan nilainya dalam corrected.
text-fix-sheet-others = Jangan ubah lajur line, field dan digest. Susunan baris boleh diubah. Kekalkan nombor sebagai teks supaya sifar di hadapan tidak hilang.
text-fix-sheet-back = Simpan helaian ini dan kembalikannya melalui cara yang sama. Semua yang tidak dinamakan di sini kekal seperti asal dalam fail; fail yang dibaiki disemak semula.

## Perkara lain yang dinyatakan bersama nombor

text-changes-signed = disahkan telah dilihat: { $changes }
text-register-seeded = daftar tadinya kosong dan kini mengandungi pekerja dalam fail ini
text-registered = { $count } didaftarkan daripada fail ini (Borang 2 sedia: register print borang-2)
text-left = { $count } berhenti atau meninggal, dan daftar dikemas kini
text-late = { $count } tidak didaftarkan dalam 30 hari: register breaches menyenaraikannya dan amaun terhutang
text-no-breaches = Tiada pekerja yang tidak didaftarkan dalam 30 hari ditemui.
text-nothing-waits = Tiada baris menunggu untuk dibaiki.
change-no-earlier-month = tiada perakuan bagi bulan sebelumnya, jadi tiada yang dibandingkan
text-line-warnings = amaran pada baris, dijelaskan oleh `check`: { $list }
text-lines-again = barisnya ialah baris berikut daripada fail { $number }, mengikut susunan: { $lines }
text-people = { $count } pekerja
