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
