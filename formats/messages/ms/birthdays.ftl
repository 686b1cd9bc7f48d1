# Apa yang berubah pada hari jadi, dalam bahasa Malaysia. Nilai: age, dan month (bulan caruman pertama yang berubah).

birthday-eis-starts = SIP kena dibayar mulai { $month }: berumur { $age } tahun pada hari terakhir bulan itu (Akta 800 s. 2)
birthday-eis-stops = tiada SIP mulai { $month }: genap { $age } tahun selewatnya pada hari terakhir bulan itu (Akta 800 s. 20(2))
birthday-eis-continues = SIP diteruskan: caruman kena dibayar sebelum umur { $age } (Akta 800 Jadual Pertama)
birthday-eis-never-payable = tiada SIP mulai { $month }: tiada caruman kena dibayar sebelum umur { $age } (Akta 800 Jadual Pertama)
birthday-eis-history-asked = SIP diteruskan mulai { $month } hanya jika caruman kena dibayar sebelum umur { $age }; catatkan dalam daftar sama ada ya atau tidak (Akta 800 Jadual Pertama)
birthday-second-category = Akta 4 kategori kedua mulai { $month }: majikan sahaja membayar PERKESO, pekerja membayar SKBBK sahaja (Akta 4 s. 6(8), Akta A1445)
birthday-late-entry = tiada perubahan bagi yang diinsuranskan sebelum umur { $age }; yang pertama kali di bawah Akta 4 mulai sekarang kekal dalam kategori kedua (Akta 4 s. 6, Jadual Ketiga)
