# Ayat bagi dapatan, dalam bahasa Malaysia. Nama mesej ialah nama dapatan (formats/findings.toml).
# Nilai: apa yang tidak kena, untuk kerani. .title: beberapa patah perkataan. .cure: tindakan. .why: sebabnya, untuk `explain`.
# Nilai diterima sebagai teks: amaun seperti 69.15 tanpa RM, bulan dan tarikh seperti yang dicetak.

## Kumpulan fail

file-empty = Fail ini kosong.
    .title = Fail kosong
    .cure = Jana semula fail daripada perisian gaji dan hantar fail yang mengandungi baris pekerja.
    .why = Tiada apa-apa yang boleh dibaca atau diakui terima daripada fail kosong. Biasanya bulan atau pekerja tidak dipilih semasa fail dijana.

file-too-large = Saiz fail ialah {$found} bait, sedangkan had di sini ialah {$expected} bait.
    .title = Fail terlalu besar
    .cure = Jana semula fail dengan bilangan pekerja yang lebih kecil, atau minta pengendali menaikkan had.
    .why = Had ini menghalang satu fail daripada melambatkan fail pihak lain. Ini had pemasangan ini sendiri; tiada had yang diketahui diterbitkan oleh PERKESO.

not-a-contribution-file =
    { $kind ->
        [pdf] Fail ini ialah dokumen PDF, bukan fail teks caruman.
        [zip-or-spreadsheet] Fail ini ialah hamparan (Excel) atau arkib zip, bukan fail teks caruman.
        [binary] Fail ini mengandungi data binari, bukan baris teks.
        [no-line-ends] Fail ini tidak mempunyai penghujung baris, jadi rekodnya tidak dapat diasingkan.
        [delimited-table] Fail ini ialah jadual yang lajurnya diasingkan dengan tanda pemisah, bukan fail teks caruman dengan lajur tetap.
        [textual] Fail ini ialah teks, tetapi barisnya tidak menyerupai rekod caruman.
       *[other] Fail ini bukan fail teks caruman.
    }
    .title = Bukan fail caruman
    .cure = Pilih fail teks PERKESO dalam perisian gaji; bagi jadual gaji, gunakan `caruman make` untuk menjana fail teks.
    .why = Caruman dibaca daripada fail teks yang mempunyai satu baris dengan panjang tetap bagi setiap pekerja. Borang bercetak, hamparan atau jadual tidak mempunyai lajur yang boleh dibaca dengan cara itu.

layout-unknown = Panjang baris ialah {$found} aksara; tiada format yang dikenali dengan panjang itu (yang dikenali: {$expected}).
    .title = Format tidak dikenali
    .cure = Pilih format PERKESO bagi SOCSO dan SIP bersama dalam perisian gaji, dan jana semula fail.
    .why = Panjang baris menunjukkan format yang digunakan. Jika format tidak dikenali, setiap ruangan mungkin dibaca daripada lajur yang salah.

layout-retired = Fail ini menggunakan format {$layout}, yang diterima oleh ASSIST hanya sehingga {$until}; format yang diterima sekarang ialah {$current}.
    .title = Format tidak lagi diterima
    .cure = Jana semula fail dalam format {$current}, atau tukarkannya dengan `caruman convert`.
    .why = Menurut jawapan PERKESO tentang fail teks seperti yang dilaporkan pengguna, hari muat naik yang menentukan, bukan bulan gaji. Fail dalam format lama mungkin ditolak oleh ASSIST walaupun semua amaunnya betul.

encoding-invalid = Aksara dalam fail ini tidak dapat dibaca ({$found}).
    .title = Aksara tidak dapat dibaca
    .cure = Simpan semula fail sebagai teks biasa dalam UTF-8 atau Windows-1252.
    .why = Lajur dikira mengikut aksara. Jika aksara tidak diketahui, nama dan amaun mungkin dibaca daripada lajur yang salah.

line-length = Panjang baris ialah {$found} aksara, sedangkan satu rekod mempunyai {$expected} aksara.
    .title = Panjang baris tidak betul
    .cure = Jana semula fail, dan jangan sunting barisnya dengan tangan.
    .why = Setiap ruangan terletak pada lajur yang tetap. Jika baris terlalu panjang atau terlalu pendek, isi lajur amaun mungkin bukan amaun.

name-shifts-line = Nama yang terlalu panjang menjadikan baris ini {$found} aksara, bukan {$expected}, dan menolak ruangan selepasnya ke kanan.
    .title = Nama panjang menganjakkan baris
    .cure = Pendekkan nama kepada 150 aksara (45 dalam format BRG8A lama) dalam perisian gaji dan jana semula fail.
    .why = Nama mempunyai bilangan lajur yang tetap (45 hingga 194 dalam format sekarang). Ruangan selepas nama yang lebih panjang tidak lagi berada pada lajurnya.

record-split = Satu rekod terputus kepada dua baris ({$found} aksara); satu rekod penuh mempunyai {$expected} aksara.
    .title = Rekod terputus kepada dua baris
    .cure = Buang pemisah baris dalam rekod pekerja itu di perisian gaji dan jana semula fail.
    .why = Setiap baris dibaca sebagai seorang pekerja. Pemisah baris di dalam nama atau alamat menghasilkan dua baris yang kedua-duanya tidak lengkap.

header-or-footer-line = Baris ini ialah tajuk atau jumlah, bukan pekerja: permulaannya "{$found}".
    .title = Baris tajuk atau jumlah
    .cure = Matikan tajuk dan jumlah semasa menjana fail, atau buang baris ini.
    .why = Format PERKESO hanya mengandungi baris pekerja, tanpa tajuk dan tanpa jumlah. Portal mungkin membaca baris seperti ini sebagai pekerja yang salah butirannya.

layout-mixed = Panjang baris ini ialah {$found} aksara, sedangkan baris lain dalam fail ini {$expected} aksara.
    .title = Dua format dalam satu fail
    .cure = Asingkan baris bagi setiap format ke dalam fail sendiri, atau jana semuanya dalam format bersama.
    .why = Satu fail dibaca mengikut satu format. Amaun pada baris format lain terletak pada lajur yang lain.

scheme-undecided = Fail ini tidak menunjukkan sama ada caruman adalah bagi SOCSO (Akta 4) atau SIP (Akta 800).
    .title = SOCSO atau SIP tidak diketahui
    .cure = Nyatakan Akta bersama fail: `--scheme act4` bagi SOCSO atau `--scheme act800` bagi SIP.
    .why = Format 223 aksara adalah sama bagi kedua-dua Akta. Jika amaun sepadan dengan kedua-dua jadual caruman atau tidak sepadan langsung, hanya penghantar yang tahu; tiada apa-apa diakui terima sehingga dinyatakan.

file-doubled = Baris dalam fail ini tercatat dua kali; bilangan baris berulang: {$found}.
    .title = Baris tercatat dua kali
    .cure = Buang salinan kedua baris itu dan hantar semula fail.
    .why = Jika kedua-dua salinan diambil, caruman setiap pekerja akan dibayar dua kali. Bayaran lebih hanya diperoleh kembali melalui tuntutan bayaran balik.

encoding-doubled = Nama tertulis "{$found}"; yang dimaksudkan mungkin "{$expected}".
    .title = Nama rosak akibat penukaran berganda
    .cure = Masukkan semula nama dalam perisian gaji dan jana fail dalam UTF-8.
    .why = Huruf nama itu telah ditukar kodnya dua kali. Pekerja itu akan direkodkan dengan nama yang salah.

scheme-contradicts-name = Nama fail menunjukkan {$found}, tetapi caruman dikira sebagai {$expected}.
    .title = Nama fail dan Akta berbeza
    .cure = Pastikan fail yang betul dipilih, dan tukar nama fail atau nyatakan Akta dengan `--scheme`.
    .why = Format 223 aksara tidak menyebut Aktanya. Fail yang dihantar di bawah Akta yang salah menghasilkan akuan terimaan yang salah.

layout-versions-mixed = Lajur SKBBK kosong pada sesetengah baris dan berisi pada baris lain (kosong: {$found}, berisi: {$expected}); kosong dibaca sebagai tiada SKBBK.
    .title = SKBBK kosong pada sesetengah baris
    .cure = Tulis 000000 pada lajur 239 hingga 244 jika tiada SKBBK perlu dibayar.
    .why = Satu baris yang berisi SKBBK menjadikan seluruh fail versi 2. Lajur kosong mungkin bermaksud tiada amaun, atau amaun yang tertinggal.

control-character = Baris ini mengandungi aksara yang tidak kelihatan ({$found}).
    .title = Aksara tidak kelihatan
    .cure = Buang aksara itu dalam perisian gaji dan jana semula fail.
    .why = Aksara seperti ini masuk apabila teks disalin daripada program lain. ASSIST mungkin mengira atau membacanya secara berlainan.

record-indented = Rekod tidak bermula pada lajur 1; bilangan ruang kosong di hadapannya: {$found}. Rekod dibaca tanpa ruang kosong itu.
    .title = Rekod tidak bermula di lajur 1
    .cure = Buang ruang kosong sebelum kod majikan.
    .why = Ruang kosong itu menganjakkan semua ruangan ke kanan. Portal yang mengira lajur mungkin membaca lajur yang salah.

line-ending-mixed = Penghujung baris tidak seragam ({$found}).
    .title = Penghujung baris tidak seragam
    .cure = Jana semula fail daripada satu perisian sahaja, tanpa mencantumkan beberapa fail.
    .why = Ini sering menunjukkan bahawa fail dicantum atau disunting dengan tangan. Sesetengah program kemudian membaca dua baris sebagai satu.

repeat-of-earlier-file = Fail ini sama, hingga aksara terakhir, dengan fail yang diterima sebelum ini ({$number}).
    .title = Fail sama seperti sebelumnya
    .cure = Semak {$number}, dan hantar fail baharu hanya jika ada perubahan.
    .why = Fail yang sama dihantar dua kali tidak menggandakan caruman. Serahan yang terdahulu menjadi jawapannya.

byte-order-mark = Fail ini bermula dengan tanda urutan bait (BOM), yang tidak dikira semasa dibaca.
    .title = Tanda urutan bait
    .cure = Simpan fail sebagai UTF-8 tanpa BOM jika program lain menolak baris pertama.
    .why = Tanda ini ialah tiga bait yang tidak kelihatan sebelum kod majikan. Program yang mengiranya akan mendapati baris pertama teranjak.

encoding-converted = Nama yang ditulis dalam Windows-1252 telah ditukar kepada UTF-8; bilangan baris: {$found}.
    .title = Huruf ditukar kod
    .cure = Semak nama yang mempunyai huruf bertanda pada baris tersebut.
    .why = Format PERKESO tidak menetapkan set aksara, jadi huruf dibaca mengikut baitnya. Amaun tidak terjejas.

blank-line = Baris kosong dilangkau: {$found}.
    .title = Baris kosong
    .cure = Pastikan tiada pekerja yang tertinggal pada baris kosong itu.
    .why = Baris kosong tidak mengandungi caruman. Sesetengah perisian gaji menulisnya bagi pekerja yang tiada nombor.

control-z = Fail ini berakhir dengan tanda tamat fail lama (heks 1A), yang tidak dikira.
    .title = Tanda tamat fail lama
    .cure = Biarkan, atau buang aksara terakhir fail.
    .why = Program lama menutup fail teks dengan cara ini. Tanda itu tidak mengandungi caruman.

layout-not-for-month = Format {$layout} tidak dibuat untuk bulan caruman {$month}; fail tetap dibaca.
    .title = Format bagi tempoh lain
    .cure = Pastikan bulan caruman pada lajur 195 hingga 200 ialah bulan yang dimaksudkan.
    .why = Sesetengah perisian gaji menulis semua bulan dalam format terbaharunya. Amaun disemak mengikut bulan, bukan mengikut format.

wrapper = Fail ini bermula dengan baris "textstr" daripada perisian gaji yang membungkus fail teks sebagai jadual; bungkusan itu telah dibuang.
    .title = Fail teks berbungkus
    .cure = Pilih jenis fail teks biasa dalam perisian gaji jika ASSIST menolak fail ini.
    .why = Baris pertama bukan rekod caruman. Di sini baris itu dikenali dan tidak dikira, tetapi sistem lain mungkin tidak mengenalinya.

## Kumpulan rekod

employer-code-format = Kod majikan "{$found}" bukan satu huruf, sepuluh angka dan satu huruf.
    .title = Kod majikan tidak betul
    .cure = Salin 12 aksara kod majikan daripada pendaftaran PERKESO, tanpa ruang kosong.
    .why = Kod majikan menentukan caruman ini milik siapa. ASSIST pernah menolak fail yang diisi dengan kod sementara atau nombor cukai di ruangan ini.

employer-code-spaces = Kod majikan ditulis dengan ruang kosong atau tanda di antara aksaranya: "{$found}", sepatutnya "{$expected}".
    .title = Ruang kosong dalam kod majikan
    .cure = Tulis {$expected} dalam tetapan perisian gaji.
    .why = Sijil mencetak kod itu secara berkumpulan, tetapi dalam fail kod mesti ditulis rapat. ASSIST pernah menolak kod dengan ruang kosong sebagai format kod majikan yang tidak sah.

employer-unknown = Tiada majikan dengan kod "{$found}" dalam daftar majikan.
    .title = Majikan tiada dalam daftar
    .cure = Semak kod majikan, atau masukkan majikan ke dalam daftar dahulu.
    .why = Caruman hanya boleh diakui terima bagi majikan yang dikenali. Satu aksara yang salah dalam kod akan mengkreditkan caruman kepada pihak lain.

id-missing = Nombor pengenalan pekerja tidak diisi.
    .title = Tiada nombor pengenalan
    .cure = Isi nombor Kad Pengenalan, atau nombor pekerja asing PERKESO bagi pekerja asing, dalam perisian gaji.
    .why = Tanpa nombor, caruman tidak dapat dikreditkan kepada pekerja itu. Tuntutan pekerja kelak tidak akan menemui carumannya.

id-format = Aksara atau panjang nombor pengenalan "{$found}" tidak sesuai dengan mana-mana jenis nombor pengenalan.
    .title = Bentuk nombor pengenalan tidak betul
    .cure = Tulis nombor dengan huruf dan angka sahaja, tanpa sengkang dan ruang kosong, tidak melebihi 12 aksara.
    .why = Nombor ini menentukan caruman milik siapa. Nombor yang terpotong atau ditulis dengan sengkang tidak akan menemui sesiapa.

id-date-impossible = Enam angka pertama nombor Kad Pengenalan "{$found}" bukan tarikh lahir yang wujud.
    .title = Tarikh dalam nombor Kad Pengenalan tidak wujud
    .cure = Bandingkan nombor dengan Kad Pengenalan pekerja dan betulkannya.
    .why = Nombor MyKad bermula dengan tarikh lahir: tahun, bulan dan hari. Tarikh yang tidak wujud menunjukkan kesilapan menaip, atau nombor jenis lain.

name-missing = Nama pekerja tidak diisi.
    .title = Tiada nama
    .cure = Isi nama seperti dalam Kad Pengenalan atau pasport.
    .why = Format memerlukan nama pada setiap baris. Nama ialah satu-satunya cara untuk mengesan nombor yang sebenarnya milik orang lain.

month-format = Bulan caruman "{$found}" bukan bulan yang ditulis dengan nombor bulan sebelum tahun.
    .title = Bulan caruman tidak betul
    .cure = Tulis Oktober 2026 sebagai 102026 (dalam format BRG8A lama sebagai 1026).
    .why = Bulan menentukan jadual caruman, tarikh akhir bayaran dan faedah lewat bayar. Bulan tidak boleh diteka.

month-in-future = Bulan caruman {$found} belum tiba; bulan terkini yang boleh dibayar sekarang ialah {$expected}.
    .title = Bulan belum tiba
    .cure = Semak bulan, atau hantar fail apabila bulan itu tiba.
    .why = Menurut catatan dalam format PERKESO, bulan caruman tidak boleh melebihi bulan bayaran.

amount-format = Amaun "{$found}" bukan nombor dalam sen.
    .title = Amaun bukan dalam sen
    .cure = Tulis amaun dalam sen dengan angka sahaja, rapat ke kanan, tanpa titik, koma, tanda atau RM.
    .why = Format tidak menyediakan tempat untuk titik perpuluhan atau tanda: RM 66.40 ditulis 6640. Cara lain boleh dibaca sebagai amaun yang berbeza.

date-format = Tarikh kerja "{$found}" bukan tarikh dalam bentuk HHBBTTTT (DDMMYYYY).
    .title = Tarikh kerja tidak betul
    .cure = Tulis tarikh pada lajur 215 hingga 222 dengan lapan angka, hari, bulan dan tahun, atau biarkan kosong.
    .why = Tarikh ini menunjukkan bila pekerja mula bekerja atau berhenti. Tarikh yang salah menyebabkan permulaan atau akhir perlindungan yang salah.

status-unknown = Status pekerjaan "{$found}" tidak dikenali; huruf yang digunakan ialah {$expected}.
    .title = Status pekerjaan tidak dikenali
    .cure = Tulis B (baru), H (berhenti), M (meninggal dunia), S (cuti sakit) atau T (cuti tanpa gaji), atau biarkan lajur 223 kosong.
    .why = Huruf ini menerangkan maksud tarikh di sebelahnya. Huruf yang tidak dikenali tidak menjelaskan sama ada pekerja baru mula atau telah berhenti.

company-number-format = "{$found}" tidak menyerupai nombor MyCoID atau nombor SSM.
    .title = Nombor syarikat diragui
    .cure = Tulis 12 angka MyCoID atau nombor SSM lama, atau biarkan lajur 13 hingga 32 kosong.
    .why = Ruangan ini boleh dibiarkan kosong. Nombor yang salah tidak berguna dan mungkin menimbulkan pertanyaan di portal.

employer-code-old-or-lower-case = Kod majikan ditulis "{$found}"; kod dibaca sebagai "{$expected}".
    .title = Kod majikan lama atau huruf kecil
    .cure = Tulis {$expected} dalam tetapan perisian gaji.
    .why = Kod sekarang mempunyai 12 aksara dengan huruf besar. Kod lama 9 aksara ditukar mengikut tafsiran kami daripada kod yang diketahui, jadi bandingkannya dengan pendaftaran PERKESO.

id-birthplace-unknown = Kod tempat lahir (angka ke-7 dan ke-8) dalam nombor Kad Pengenalan "{$found}" tidak digunakan.
    .title = Kod tempat lahir tidak dikenali
    .cure = Bandingkan nombor dengan Kad Pengenalan pekerja.
    .why = Dua angka selepas tarikh lahir mewakili negeri atau negara. Kod yang tidak digunakan sering berpunca daripada dua angka yang tertukar.

id-looks-like-passport = Nombor pengenalan "{$found}" menyerupai nombor pasport.
    .title = Menyerupai nombor pasport
    .cure = Gunakan nombor pekerja asing PERKESO bagi pekerja asing, dan nombor Kad Pengenalan bagi yang lain.
    .why = Nombor pasport berubah dengan setiap pasport, jadi caruman mungkin tidak dikreditkan kepada orangnya. Format menyebut nombor pekerja asing PERKESO bagi pekerja asing.

status-without-date = Baris ini mempunyai status pekerjaan, tetapi tiada tarikh di sebelahnya.
    .title = Status tanpa tarikh
    .cure = Tulis tarikh mula kerja atau tarikh berhenti pada lajur 215 hingga 222.
    .why = Huruf sahaja tidak menunjukkan hari pekerja mula bekerja atau berhenti. Permulaan atau akhir perlindungan mungkin bergantung padanya.

date-out-of-month = Tarikh kerja {$found} tidak berada dalam bulan caruman {$expected}.
    .title = Tarikh di luar bulan caruman
    .cure = Semak tarikh dan bulan caruman pada baris ini.
    .why = Tarikh diisi bagi pekerja yang mula bekerja, berhenti atau meninggal dunia pada bulan itu. Sesetengah perisian gaji menulis tarikh mula kerja semua pekerja; ini tidak memudaratkan.

zero-as-single-digit = Amaun sifar ditulis sebagai satu angka 0 selepas ruang kosong ("{$found}"); ASSIST pernah menolaknya.
    .title = Sifar sebagai satu angka
    .cure = Tulis sebagai "{$expected}".
    .why = Pada Julai 2026, fail daripada satu perisian gaji ditolak kerana hal ini, dan diterima selepas sifar ditulis dengan sekurang-kurangnya tiga angka. Amaunnya sendiri tidak diragui.

name-control-character = Nama ini mengandungi aksara yang tidak kelihatan ({$found}).
    .title = Aksara tidak kelihatan dalam nama
    .cure = Taip semula nama dalam perisian gaji.
    .why = Aksara seperti ini masuk apabila nama disalin daripada program lain. Sistem lain mungkin mengiranya secara berlainan lalu menganjakkan lajur selepas nama.

foreign-worker-number = Nombor "{$found}" dibaca sebagai nombor pekerja asing PERKESO, maka orang ini dikira sebagai pekerja asing.
    .title = Nombor pekerja asing
    .cure = Betulkan nombor jika orang ini warganegara atau pemastautin tetap.
    .why = Dua belas angkanya tidak mengandungi tarikh lahir seperti nombor MyKad. Pekerja asing membayar SKBBK tanpa pilihan dan tidak mencarum SIP.

name-transliterated = Nama ini mengandungi huruf selain A hingga Z, atau tanda soal sebagai gantinya: "{$found}".
    .title = Ejaan nama mungkin berbeza
    .cure = Bandingkan ejaan dengan Kad Pengenalan atau pasport.
    .why = Sesetengah perisian gaji menggantikan huruf yang tidak dapat ditulisnya. Ejaan yang berbeza mungkin tidak sepadan dengan nama dalam rekod PERKESO.

## Kumpulan amaun

amount-not-in-schedule = Caruman RM {$found} tiada dalam jadual caruman {$table}; yang terdekat ialah {$expected}.
    .title = Amaun tiada dalam jadual
    .cure = Cari gaji bulan itu dalam jadual {$table} dan tulis jumlah yang tercetak di situ.
    .why = Caruman ialah amaun yang tercetak dalam jadual, bukan peratusan gaji. Amaun di antara dua baris jadual tidak sepadan dengan mana-mana gaji.

amount-looks-like-wage = RM {$found} melebihi sebarang caruman (yang tertinggi RM {$expected}); amaun ini menyerupai gaji.
    .title = Gaji di ruangan caruman
    .cure = Tetapkan perisian gaji supaya menulis jumlah caruman majikan dan pekerja pada lajur 201 hingga 214.
    .why = Dalam format 223 aksara, ruangan ini ialah caruman. Sesetengah perisian gaji pernah menulis gaji di situ.

share-mismatch = Syer ialah {$found}; bagi gaji RM {$wage}, syer sepatutnya {$expected} (jadual {$table}).
    .title = Syer tidak sepadan dengan gaji
    .cure = Betulkan syer mengikut jadual, atau betulkan gaji jika gaji yang salah.
    .why = Bagi setiap gaji, jadual mencetak satu syer majikan dan satu syer pekerja, tepat hingga sen. Bayaran kurang terhutang bersama faedah lewat bayar; bayaran lebih hanya diperoleh kembali melalui tuntutan bayaran balik.

old-schedule = Syer ialah {$found}, daripada jadual terdahulu {$table}; bagi bulan caruman {$month}, syer sepatutnya {$expected}.
    .title = Jadual terdahulu digunakan
    .cure = Kemas kini jadual SOCSO dan SIP dalam perisian gaji dan jana semula bulan itu.
    .why = Bulan caruman menentukan jadual yang terpakai. Dengan jadual terdahulu, caruman semua pekerja yang gajinya melebihi had jadual itu akan terkurang.

category-mismatch = Caruman ini bagi jenis { $found ->
        [first] pertama
        [second] kedua
       *[other] {$found}
    }; pada umur {$age} sepatutnya jenis { $expected ->
        [first] pertama
        [second] kedua
       *[other] {$expected}
    }.
    .title = Jenis caruman tidak betul
    .cure = Tetapkan jenis caruman yang betul bagi pekerja dalam perisian gaji dan betulkan syer.
    .why = Mulai umur 60 hanya caruman jenis kedua (bencana kerja) perlu dibayar; sebelum itu, pada lazimnya, jenis pertama yang turut melindungi keilatan. Jenis caruman menentukan kedua-dua syer.

skbbk-mismatch = SKBBK ialah RM {$found}, sedangkan jadual menetapkan RM {$expected} bagi gaji ini.
    .title = SKBBK tidak sepadan dengan gaji
    .cure = Betulkan lajur 239 hingga 244 mengikut amaun dalam jadual.
    .why = SKBBK ialah sama ada amaun tercetak bagi gaji itu atau, selepas pelepasan yang direkodkan, tiada. SKBBK dibayar oleh pekerja sahaja.

skbbk-missing =
    { $reason ->
        [june] SKBBK tiada: bagi Jun 2026 SKBBK wajib bagi semua pekerja, di sini RM {$expected}.
        [foreign] SKBBK tiada: SKBBK wajib bagi pekerja asing, di sini RM {$expected}.
       *[other] SKBBK tiada; RM {$expected} perlu dibayar.
    }
    .title = SKBBK tiada
    .cure = Tulis amaun itu, yang dibayar oleh pekerja sahaja, pada lajur 239 hingga 244.
    .why = SKBBK (LINDUNG 24 Jam) wajib bagi semua pada Jun 2026 dan kekal wajib bagi pekerja asing. Hanya pekerja tempatan boleh dilepaskan, mulai Julai 2026.

skbbk-before-start = SKBBK RM {$found} tercatat bagi bulan caruman {$month}, sedangkan SKBBK bermula pada {$expected}.
    .title = SKBBK sebelum bermula
    .cure = Keluarkan SKBBK daripada bulan ini, atau betulkan bulan caruman.
    .why = Tiada SKBBK perlu dibayar sebelum undang-undangnya berkuat kuasa pada 1 Jun 2026. Potongan yang telah dibuat mungkin perlu dikembalikan kepada pekerja.

zero-wage-with-shares = Gaji ialah sifar, tetapi ada syer RM {$found} di sebelahnya.
    .title = Syer tanpa gaji
    .cure = Isi gaji bulan itu, atau jadikan syer sifar.
    .why = Tanpa gaji pada bulan itu, tiada caruman perlu dibayar. Sama ada gaji tertinggal atau syer itu terbawa daripada bulan terdahulu.

schedule-not-covered = Tiada jadual caruman di sini bagi {$scheme} untuk bulan caruman {$month}: {$reason}.
    .title = Tiada jadual bagi bulan ini
    .cure = Semak bulan caruman, atau masukkan jadual apabila telah diterbitkan.
    .why = Amaun hanya disemak dengan jadual bercetak bagi bulan itu. Jadual bulan lain tidak digunakan sebagai ganti.

wage-share-mismatch = Syer ialah {$found}; bagi gaji RM {$wage}, syer sepatutnya {$expected}. Syer ini sepadan dengan gaji {$fits}.
    .title = Syer bagi gaji yang lebih rendah
    .cure = Semak sama ada gaji itu termasuk bayaran yang tidak dikenakan caruman, seperti bonus tahunan.
    .why = Semua syer sepadan antara satu sama lain, tetapi pada baris jadual yang lebih rendah. Ini betul jika sebahagian bayaran bukan gaji, dan terkurang jika sebaliknya.

skbbk-inside-total = SKBBK RM {$found} nampaknya termasuk dalam amaun SOCSO; tanpanya amaun ialah RM {$expected}.
    .title = SKBBK dalam amaun SOCSO
    .cure = Gunakan format bersama dan tulis SKBBK pada lajurnya sendiri, 239 hingga 244.
    .why = Panduan tentang tempat SKBBK dalam format lama tidak seragam, dan sesetengah perisian gaji menambahkannya pada syer pekerja SOCSO. Amaun dibiarkan seperti dalam fail.

skbbk-nil-no-release = SKBBK tiada dan tiada pelepasan direkodkan bagi pekerja ini; jadual menetapkan RM {$expected}.
    .title = SKBBK tiada tanpa pelepasan
    .cure = Rekodkan notis pelepasan pekerja dalam daftar, atau tulis amaun pada lajur 239 hingga 244.
    .why = Mulai Julai 2026 pekerja tempatan turut serta kecuali dia telah mengemukakan notis pelepasan. Majikan tidak boleh mengemukakannya bagi pihak pekerja.

zero-without-reason = Caruman ialah sifar dan baris ini tidak menyatakan sebabnya.
    .title = Sifar tanpa sebab
    .cure = Tulis T pada lajur 223 bagi cuti tanpa gaji atau S bagi cuti sakit, atau keluarkan pekerja itu.
    .why = Baris sifar adalah biasa bagi bulan tanpa gaji. Tanpa sebab, baris itu tidak dapat dibezakan daripada amaun yang tertinggal.

## Kumpulan orang

eis-not-eligible =
    { $reason ->
        [under-18] Ada caruman SIP di sini, tetapi pekerja berumur {$age}; SIP bermula pada umur 18.
        [from-60] Ada caruman SIP di sini, tetapi pekerja berumur {$age}; SIP tamat pada umur 60.
        [from-57] Ada caruman SIP di sini, tetapi pekerja berumur {$age} dan tiada caruman yang kena dibayar sebelum umur 57.
        [foreign] Ada caruman SIP di sini, tetapi pekerja asing tidak dilindungi SIP.
       *[other] Ada caruman SIP di sini, tetapi pekerja ini tidak dilindungi SIP.
    }
    .title = Tidak layak SIP
    .cure = Keluarkan syer SIP daripada baris ini, atau betulkan tarikh lahir atau status pemastautin dalam daftar.
    .why = SIP melindungi warganegara, pemastautin tetap dan pemastautin sementara berumur 18 hingga sebelum 60; mereka yang berumur 57 ke atas tanpa caruman SIP yang kena dibayar sebelum 57 adalah di luarnya. Caruman bagi orang lain tidak memberi perlindungan dan perlu dituntut balik.

duplicate-person = Orang dan bulan caruman yang sama sudah ada pada baris {$first}.
    .title = Orang tercatat dua kali
    .cure = Campurkan gaji kedua-dua baris dan tulis satu baris dengan caruman bagi jumlah itu.
    .why = Semua gaji sebulan daripada seorang majikan dikira sebagai satu gaji dan satu baris jadual. Dua baris menghasilkan caruman yang salah, atau bayaran dua kali.

same-id-other-name = Nombor pengenalan pada baris {$first} tercatat di sini dengan nama lain.
    .title = Satu nombor, dua nama
    .cure = Bandingkan nombor kedua-dua pekerja dengan Kad Pengenalan mereka dan betulkan yang salah.
    .why = Satu nombor milik seorang sahaja. Seorang daripada dua pekerja itu tidak akan mempunyai caruman.

employee-unregistered = Pekerja ini tiada dalam daftar pekerja.
    .title = Pekerja belum didaftarkan
    .cure = Daftarkan pekerja dengan PERKESO dan masukkan namanya ke dalam daftar di sini.
    .why = Setiap pekerja baru perlu didaftarkan dalam tempoh 30 hari, termasuk yang pernah didaftarkan oleh majikan terdahulu. Caruman tanpa pendaftaran mungkin tidak dikreditkan.

registration-late = Pekerja mula bekerja pada {$started} dan perlu didaftarkan selewat-lewatnya pada {$expected}; lewat {$days} hari.
    .title = Pendaftaran lewat
    .cure = Daftarkan pekerja dengan PERKESO dengan segera dan rekodkan pendaftarannya di sini.
    .why = Pekerja baru perlu didaftarkan dalam tempoh 30 hari. Tidak mendaftarkan pekerja ialah kesalahan di bawah Akta 800.

birthday-month = Pekerja mencapai umur {$age} pada {$expected}, dalam bulan caruman ini; jenis caruman dan SIP mungkin berubah.
    .title = Hari lahir dalam bulan ini
    .cure = Semak jenis caruman dan peraturan SIP yang digunakan oleh PERKESO bagi bulan ini.
    .why = Di sini umur dikira pada hari terakhir bulan itu, atau hari terakhir bekerja dalam bulan itu, kerana caruman kena dibayar pada hari itu. Peraturan rasmi bagi bulan hari lahir tidak ditemui, dan perisian gaji berbeza-beza.

name-differs = Nama berbeza daripada nama dalam daftar ({$expected}).
    .title = Nama berbeza daripada daftar
    .cure = Bandingkan nama dengan Kad Pengenalan, dan betulkan perisian gaji atau daftar.
    .why = Nama yang berbeza mungkin bermaksud nombor itu milik orang lain. Mungkin juga hanya ejaan yang berbeza.

left-employee = Menurut daftar, pekerja ini berhenti pada {$expected}, sebelum bulan caruman ini.
    .title = Pekerja telah berhenti
    .cure = Keluarkan pekerja daripada senarai, atau betulkan tarikh berhenti dalam daftar.
    .why = Caruman kena dibayar sehingga hari terakhir bekerja. Caruman selepas itu perlu dituntut balik.

registration-due = Pekerja mula bekerja pada {$started} dan belum didaftarkan; hari terakhir ialah {$expected}, tinggal {$days} hari.
    .title = Pendaftaran hampir tamat tempoh
    .cure = Daftarkan pekerja dengan PERKESO sebelum atau pada {$expected} (Borang 2).
    .why = Pekerja baru perlu didaftarkan dalam tempoh 30 hari dari tarikh mula bekerja.

eis-missing =
    { $reason ->
        [from-57] Tiada caruman SIP di sini bagi pekerja berumur {$age}; caruman perlu dibayar jika pernah kena dibayar sebelum umur 57.
        [resident] Tiada caruman SIP di sini, walaupun pekerja ialah warganegara atau pemastautin berumur {$age}.
       *[other] Tiada caruman SIP di sini, walaupun mungkin perlu dibayar.
    }
    .title = Tiada caruman SIP
    .cure = Semak sama ada SIP perlu dibayar bagi pekerja ini, dan tambah syer jika perlu.
    .why = Warganegara dan pemastautin berumur 18 hingga sebelum 60 dilindungi SIP, dengan beberapa pengecualian. Mereka yang berumur 57 ke atas terkecuali hanya jika tiada caruman SIP pernah kena dibayar sebelum 57.

second-category-under-60 = Pekerja mencarum jenis kedua pada umur {$age}, di bawah 60 tahun.
    .title = Jenis kedua di bawah 60 tahun
    .cure = Pastikan pekerja pertama kali mencarum SOCSO pada umur 55 ke atas, atau menerima pencen ilat.
    .why = Di bawah umur 60, jenis kedua ialah pengecualian. Dengannya pekerja tidak dilindungi bagi keilatan.

## Kumpulan keseluruhan

already-submitted = Caruman ini telah diserahkan sebelum ini, di bawah {$number}.
    .title = Telah diserahkan
    .cure = Semak {$number}; hantar hanya yang belum ada di dalamnya, dengan --kind short-payment jika bayaran terdahulu kurang, atau tarik balik dahulu jika hendak diganti.
    .why = Akuan terimaan kedua bagi caruman yang sama akan menyebabkan bayaran dua kali.

several-employers = Fail ini mengandungi {$found} majikan: {$list}.
    .title = Beberapa majikan
    .cure = Pastikan semuanya memang dimaksudkan; setiap majikan mendapat serahan dan akuan terimaannya sendiri.
    .why = Tidak diketahui sama ada ASSIST menerima beberapa kod majikan dalam satu fail, jadi satu fail bagi setiap majikan adalah cara yang selamat.

several-months = Fail ini mengandungi {$found} bulan caruman: {$list}.
    .title = Beberapa bulan
    .cure = Pastikan semuanya memang dimaksudkan, dan hantar tunggakan berasingan daripada bulan semasa jika ragu-ragu.
    .why = Setiap bulan mempunyai jadual, tarikh akhir bayaran dan faedah lewat bayarnya sendiri. Tidak diketahui sama ada ASSIST menerima beberapa bulan dalam satu fail.

past-due = Caruman bagi {$month} perlu dibayar selewat-lewatnya pada {$expected}; lewat {$days} hari, anggaran faedah lewat bayar RM {$amount} hari ini dan RM {$tomorrow} esok.
    .title = Lewat bayar
    .cure = Bayar hari ini jika boleh, dan jangkakan faedah lewat bayar (FCLB) dalam bil PERKESO.
    .why = Faedah 6 % setahun dikira bagi setiap hari selepas tarikh akhir, dengan minimum RM 5 bagi setiap bulan atau sebahagian bulan mengikut tafsiran biasa. Angka di sini ialah anggaran; hanya bil PERKESO yang mengikat.

missing-since-last-month = Pekerja yang dicarum bulan lalu tetapi tiada dalam fail ini: {$found} ({$list}).
    .title = Tiada berbanding bulan lalu
    .cure = Pastikan setiap seorang telah berhenti atau tidak bergaji, dan tambah sesiapa yang tertinggal.
    .why = Pekerja yang tertinggal menjadi tunggakan dengan faedah lewat bayar, dan tiada caruman bagi bulan itu.

due-soon-rest-day = Caruman bagi {$month} perlu dibayar selewat-lewatnya pada {$expected}, iaitu hari rehat ({$rest}); tinggal {$days} hari.
    .title = Tarikh akhir pada hari rehat
    .cure = Bayar sebelum hari rehat itu.
    .why = Tiada peraturan ditemui yang menganjakkan tarikh akhir PERKESO apabila 15 hari bulan ialah hari rehat. Bank mungkin mengambil masa lebih lama pada hari itu.

supplementary = Fail ini menambah kepada serahan terdahulu bagi bulan yang sama ({$number}).
    .title = Fail tambahan
    .cure = Bayar akuan terimaannya bersama yang terdahulu, atau berasingan.
    .why = Fail tambahan bagi sesuatu bulan mendapat nombornya sendiri. Caruman dalam serahan terdahulu tidak berubah.

register-seeded = Daftar kosong dan diisi daripada baris yang diterima dalam fail ini; pekerja dalam fail: {$found}.
    .title = Daftar diisi daripada fail ini
    .cure = Semak catatannya, dan tambah tarikh mula kerja, status pemastautin dan pelepasan.
    .why = Fail seterusnya dibandingkan dengan daftar ini. Jika tidak disemak, kesilapan dalam fail pertama akan dianggap betul.

line-of-another-part = Helaian ini memberikan kepada {$expected} (baris {$found}) apa yang diserahkan bersama helaian pembetulan majikan itu sendiri ({$number}): ia tidak disertakan di sini.
    .title = Baris bahagian majikan lain
    .cure = Isikan juga dalam helaian pembetulan {$number}, dan serahkan helaian itu.
    .why = Baris itu tidak menyatakan majikannya, jadi ia ada dalam helaian setiap majikan dalam fail. Ia diserahkan sekali sahaja, bersama baris lain majikannya.
