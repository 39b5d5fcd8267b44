/** The words of the page in Bahasa Indonesia (first) and English, and how numbers are written in each. */

import { WORDS } from "./values.js";

export const LANGUAGES = ["id", "en"];

export const STRINGS = {
  id: {
    ...WORDS.id,
    skip: "Langsung ke daftar",
    tagline: "Peta untuk mencegah perdagangan orang",
    language: "Bahasa",
    print: "Cetak",
    signIn: "Masuk",
    signOut: "Keluar",
    signInTitle: "Masuk ke meja kerja",
    signInHelp: "Untuk perencana provinsi, kepolisian dan imigrasi, serta lembaga pendamping. Tanpa masuk, peta menampilkan data publik.",
    accountName: "Nama akun",
    password: "Kata sandi",
    cancel: "Batal",
    close: "Tutup",
    retry: "Coba lagi",
    signInWrong: "Nama akun atau kata sandi tidak cocok. Periksa lalu coba lagi.",
    signInSlow: "Terlalu banyak percobaan. Tunggu sebentar lalu coba lagi.",
    signedIn: "Anda masuk. Tingkat akses: {tier}.",
    signedOut: "Anda keluar. Peta menampilkan data publik.",
    tier_public: "Publik",
    tier_partner: "Mitra",
    tier_police: "Kepolisian",
    panelLabel: "Daftar dan penjelasan",
    mapLabel: "Peta",
    mapCanvas: "Peta interaktif. Panah menggeser, plus dan minus memperbesar. Semua isinya ada juga pada daftar di samping.",
    mapButtons: "Tombol peta",
    zoomIn: "Perbesar",
    zoomOut: "Perkecil",
    wholeMap: "Seluruh wilayah",
    noWebgl: "Peramban ini tidak dapat menggambar peta (WebGL tidak tersedia). Daftar dan penjelasan tetap dapat dipakai.",
    errorOffline: "Layanan tidak dapat dihubungi. Periksa sambungan atau apakah layanan berjalan, lalu coba lagi.",
    errorBroken: "Layanan menjawab dengan galat. Coba lagi; bila berulang, hubungi pengelola.",
    errorRefused: "Permintaan ditolak. Sesi mungkin sudah berakhir; coba masuk lagi.",
    loading: "Memuat…",
    loaded: "{corridors} koridor dan {areas} wilayah termuat.",
    searchLabel: "Cari tempat",
    searchHint: "Kota, wilayah, pelabuhan, desa…",
    searchNone: "Tidak ada tempat dengan nama itu.",
    searchCount: "{count} tempat ditemukan.",
    tabsLabel: "Isi panel",
    corridors: "Koridor",
    areas: "Wilayah",
    layers: "Lapisan",
    legs: "Ruas perjalanan",
    terminals: "Simpul",
    settlements: "Permukiman",
    services: "Layanan (kantor)",
    layersHelp: "Pilih yang digambar pada peta.",
    layerLate: "tampak saat diperbesar",
    corridorsIntro_police: "Koridor menurut perkiraan arus. Lebar garis: orang per tahun. Warna: kelas risiko.",
    corridorsIntro_partner: "Koridor antarkabupaten/kota menurut kelas.",
    corridorsIntro_public: "Koridor antarprovinsi menurut kelas.",
    corridorsNone: "Belum ada koridor untuk tingkat akses ini.",
    corridorsShown: "Tampilkan",
    corridorsTop: "{count} teratas",
    corridorsAll: "Semua ({count})",
    areasIntro: "Kelas kerentanan kabupaten dan kota. Wilayah tanpa data ditandai belum dinilai.",
    areasProvince: "Provinsi",
    areasEvery: "Semua provinsi",
    areasNone: "Tidak ada wilayah untuk ditampilkan.",
    more: "Tampilkan {count} lagi",
    back: "Kembali ke daftar",
    showOnMap: "Tunjukkan di peta",
    notFound: "Yang dipilih tidak ada pada rilis atau tingkat akses ini.",
    class: "Kelas",
    class_very_low: "sangat rendah",
    class_low: "rendah",
    class_medium: "sedang",
    class_high: "tinggi",
    class_very_high: "sangat tinggi",
    class_not_assessed: "belum dinilai",
    perYear: "orang/tahun",
    corridorKicker: "Koridor",
    corridorPath: "Urutan: {path}.",
    corridorPathTo: "Urutan: {path}, menuju {destination}.",
    corridorPersons: "Model memperkirakan sekitar {mean} orang berisiko per tahun melewati urutan ini (rentang 90%: {p05} sampai {p95}).",
    corridorScore: "Skor risiko {mean} dari 10 (rentang 90%: {p05} sampai {p95}), kelas {class}.",
    corridorClassOnly: "Kelas koridor ini: {class}. Tingkat akses ini memuat kelas saja, tanpa jumlah dan tanpa jalur.",
    lineMeaning: "Garis pada peta menghubungkan kedua wilayah; bukan jalur perjalanan.",
    arcMeaning: "Lengkung pada peta menunjukkan urutan tempat, bukan jalan atau alur pelayaran yang tepat.",
    waypoints: "Tempat dan simpul yang dilewati",
    components: "Pembentuk skor",
    componentsHelp: "Skor adalah rata-rata geometrik berbobot dari empat bagian ini; jumlah orang dihitung dalam skala logaritma.",
    component_volume: "Jumlah orang",
    component_vulnerability: "Kerentanan daerah asal",
    component_unofficial_share: "Bagian lewat simpul tidak resmi",
    component_hazard: "Bahaya di tujuan",
    origins: "Asal",
    originsHelp: "Bagian arus koridor ini menurut kabupaten/kota asal.",
    originsOther: "Lainnya",
    caveatTitle: "Cara membaca",
    caveatModel: "Angka ini perkiraan model dengan rentang, bukan hitungan orang.",
    caveatEnforcement: "Pencegahan yang tercatat mengikuti kegiatan penegakan, bukan hanya arus: tempat yang banyak diawasi tampak lebih ramai.",
    caveatUnknown: "Yang tidak diketahui ditulis tidak diketahui; itu tidak berarti aman.",
    caveatCells: "Batas wilayah pada peta ini perkiraan, bukan batas resmi.",
    release: "Rilis",
    releaseMissing: "belum diketahui",
    aboutTitle: "Tentang data ini",
    attribution: "Sumber",
    areaKicker_regency: "Kabupaten/kota",
    areaKicker_province: "Provinsi",
    areaKicker_district: "Kecamatan",
    areaKicker_village: "Desa/kelurahan",
    areaClass: "Kelas kerentanan: {class}.",
    areaScore: "Skor kerentanan {mean} dari 10 (rentang 90%: {p05} sampai {p95}).",
    areaRank: "Peringkat antara {p05} dan {p95} (rentang 90%; 1 paling rentan).",
    areaTop: "Peluang termasuk sepersepuluh paling rentan: {share}.",
    areaDemand: "Perkiraan {mean} orang berisiko berangkat per tahun (rentang 90%: {p05} sampai {p95}).",
    areaPopulation: "Penduduk: {population}.",
    areaUnknown: "Data untuk menilai wilayah ini belum cukup. Tidak diketahui tidak berarti aman.",
    areaCode: "Kode Kemendagri {code}",
    areaLandings: "Tempat singgah tidak resmi yang diketahui: kelas {class}.",
    areaLandingsUnknown: "Belum ada tempat singgah tidak resmi yang tercatat; itu tidak berarti tidak ada.",
    scoreOfRegency: "Skor ini milik kabupaten/kotanya; permukiman ini belum punya skor sendiri.",
    terminalOfficial: "Simpul resmi.",
    terminalUnofficial: "Tempat singgah tidak resmi.",
    terminalPlace: "Tempat: {place}.",
    terminalLoad: "Perkiraan {mean} orang berisiko lewat per tahun (rentang 90%: {p05} sampai {p95}).",
    kind_seaport: "Pelabuhan laut",
    kind_ferry: "Pelabuhan penyeberangan",
    kind_airport: "Bandar udara",
    kind_border_post: "Pos lintas batas negara",
    kind_unofficial: "Simpul tidak resmi",
    kind_destination: "Tujuan",
    kind_place: "Kota atau pulau",
    kind_settlement: "Permukiman",
    kind_service: "Layanan",
    precisionNote: "Ketelitian titik: {precision}.",
    precision_surveyed: "hasil survei",
    precision_gazetteer: "dari daftar nama geografis",
    precision_matched: "dicocokkan dengan sumber",
    precision_approximate: "perkiraan",
    sourceNote: "Sumber: {source} ({as_of}), keyakinan {confidence}.",
    confidence_high: "tinggi",
    confidence_medium: "sedang",
    confidence_low: "rendah",
    settlementKicker: "Permukiman",
    serviceKicker: "Layanan",
    serviceJurisdiction: "Wilayah kerja: {jurisdiction}.",
    legend: "Legenda",
    legendAreas: "Kerentanan wilayah",
    legendCorridors: "Kelas koridor",
    legendWidth: "Lebar: orang per tahun",
    legendLegs: "Ruas perjalanan",
    leg_sea: "laut",
    leg_air: "udara",
    leg_land: "darat",
    printTitle: "Petajaga: peta pencegahan perdagangan orang",
    printTier: "Tingkat akses: {tier}. Dicetak {date}.",
  },
  en: {
    ...WORDS.en,
    skip: "Skip to the list",
    tagline: "A map for preventing trafficking in persons",
    language: "Language",
    print: "Print",
    signIn: "Sign in",
    signOut: "Sign out",
    signInTitle: "Sign in to a desk",
    signInHelp: "For provincial planners, police and immigration, and support organisations. Without signing in the map shows public data.",
    accountName: "Account name",
    password: "Password",
    cancel: "Cancel",
    close: "Close",
    retry: "Try again",
    signInWrong: "The account name and password do not match. Check them and try again.",
    signInSlow: "Too many attempts. Wait a moment and try again.",
    signedIn: "You are signed in. Access tier: {tier}.",
    signedOut: "You are signed out. The map shows public data.",
    tier_public: "Public",
    tier_partner: "Partner",
    tier_police: "Police",
    panelLabel: "Lists and explanations",
    mapLabel: "Map",
    mapCanvas: "Interactive map. Arrow keys pan, plus and minus zoom. Everything on it is also in the list beside it.",
    mapButtons: "Map buttons",
    zoomIn: "Zoom in",
    zoomOut: "Zoom out",
    wholeMap: "Whole map",
    noWebgl: "This browser cannot draw the map (no WebGL). The lists and explanations still work.",
    errorOffline: "The service cannot be reached. Check the connection, or whether the service is running, and try again.",
    errorBroken: "The service answered with an error. Try again; if it keeps happening, tell the operator.",
    errorRefused: "The request was refused. The session may have ended; try signing in again.",
    loading: "Loading…",
    loaded: "{corridors} corridors and {areas} areas loaded.",
    searchLabel: "Search places",
    searchHint: "Town, area, port, village…",
    searchNone: "No place has that name.",
    searchCount: "{count} places found.",
    tabsLabel: "Panel contents",
    corridors: "Corridors",
    areas: "Areas",
    layers: "Layers",
    legs: "Travel legs",
    terminals: "Terminals",
    settlements: "Settlements",
    services: "Services (offices)",
    layersHelp: "Choose what is drawn on the map.",
    layerLate: "appears when zoomed in",
    corridorsIntro_police: "Corridors by estimated flow. Line width: persons a year. Colour: risk class.",
    corridorsIntro_partner: "Corridors between regencies, by class.",
    corridorsIntro_public: "Corridors between provinces, by class.",
    corridorsNone: "There are no corridors for this access tier yet.",
    corridorsShown: "Show",
    corridorsTop: "Top {count}",
    corridorsAll: "All ({count})",
    areasIntro: "Vulnerability class of regencies and cities. Areas without data are marked not assessed.",
    areasProvince: "Province",
    areasEvery: "All provinces",
    areasNone: "There are no areas to show.",
    more: "Show {count} more",
    back: "Back to the list",
    showOnMap: "Show on the map",
    notFound: "What was selected is not in this release or access tier.",
    class: "Class",
    class_very_low: "very low",
    class_low: "low",
    class_medium: "medium",
    class_high: "high",
    class_very_high: "very high",
    class_not_assessed: "not assessed",
    perYear: "persons/year",
    corridorKicker: "Corridor",
    corridorPath: "Order: {path}.",
    corridorPathTo: "Order: {path}, bound for {destination}.",
    corridorPersons: "The model expects about {mean} persons at risk a year to pass in this order (90% interval: {p05} to {p95}).",
    corridorScore: "Risk score {mean} of 10 (90% interval: {p05} to {p95}), class {class}.",
    corridorClassOnly: "Class of this corridor: {class}. This access tier holds the class only, without numbers or route.",
    lineMeaning: "The line on the map joins the two areas; it is not a travel route.",
    arcMeaning: "The arcs on the map show the order of places, not an exact road or sea lane.",
    waypoints: "Places and terminals passed",
    components: "What makes the score",
    componentsHelp: "The score is a weighted geometric mean of these four parts; the number of persons counts by its logarithm.",
    component_volume: "Number of persons",
    component_vulnerability: "Vulnerability of the origins",
    component_unofficial_share: "Share through unofficial terminals",
    component_hazard: "Hazard at the destination",
    origins: "Origins",
    originsHelp: "Share of this corridor's flow by regency of origin.",
    originsOther: "Others",
    caveatTitle: "How to read this",
    caveatModel: "These are model estimates with intervals, not counts of persons.",
    caveatEnforcement: "Recorded interceptions follow enforcement, not only flow: closely watched places look busier.",
    caveatUnknown: "What is unknown is called unknown; it does not mean safe.",
    caveatCells: "Area boundaries on this map are approximate, not official.",
    release: "Release",
    releaseMissing: "not known yet",
    aboutTitle: "About these data",
    attribution: "Sources",
    areaKicker_regency: "Regency or city",
    areaKicker_province: "Province",
    areaKicker_district: "District",
    areaKicker_village: "Village",
    areaClass: "Vulnerability class: {class}.",
    areaScore: "Vulnerability score {mean} of 10 (90% interval: {p05} to {p95}).",
    areaRank: "Rank between {p05} and {p95} (90% interval; 1 is most vulnerable).",
    areaTop: "Probability of being in the most vulnerable tenth: {share}.",
    areaDemand: "About {mean} persons at risk are expected to depart a year (90% interval: {p05} to {p95}).",
    areaPopulation: "Population: {population}.",
    areaUnknown: "There is not enough data to rate this area. Unknown does not mean safe.",
    areaCode: "Kemendagri code {code}",
    areaLandings: "Known unofficial landings: class {class}.",
    areaLandingsUnknown: "No unofficial landing is on record; that does not mean there is none.",
    scoreOfRegency: "This is the score of its regency; the settlement has none of its own yet.",
    terminalOfficial: "Official terminal.",
    terminalUnofficial: "Unofficial landing place.",
    terminalPlace: "Place: {place}.",
    terminalLoad: "About {mean} persons at risk are expected to pass a year (90% interval: {p05} to {p95}).",
    kind_seaport: "Seaport",
    kind_ferry: "Ferry landing",
    kind_airport: "Airport",
    kind_border_post: "Border crossing",
    kind_unofficial: "Unofficial landing",
    kind_destination: "Destination",
    kind_place: "Town or island",
    kind_settlement: "Settlement",
    kind_service: "Service",
    precisionNote: "Precision of the point: {precision}.",
    precision_surveyed: "surveyed",
    precision_gazetteer: "from a gazetteer",
    precision_matched: "matched to a source",
    precision_approximate: "approximate",
    sourceNote: "Source: {source} ({as_of}), confidence {confidence}.",
    confidence_high: "high",
    confidence_medium: "medium",
    confidence_low: "low",
    settlementKicker: "Settlement",
    serviceKicker: "Service",
    serviceJurisdiction: "Serves: {jurisdiction}.",
    legend: "Legend",
    legendAreas: "Vulnerability of areas",
    legendCorridors: "Corridor class",
    legendWidth: "Width: persons a year",
    legendLegs: "Travel legs",
    leg_sea: "sea",
    leg_air: "air",
    leg_land: "land",
    printTitle: "Petajaga: map for preventing trafficking in persons",
    printTier: "Access tier: {tier}. Printed {date}.",
  },
};

/** Words that come with what a session may see. */
export function addStrings(more) {
  for (const name of LANGUAGES) Object.assign(STRINGS[name], more[name]);
}

let language = "id";

export function currentLanguage() {
  return language;
}

/** Choose the language of the page: the `lang` attribute, and every element that names a string. */
export function setLanguage(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "id";
  document.documentElement.lang = language;
  for (const button of document.querySelectorAll("[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === language));
  }
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]")) {
    element.setAttribute("aria-label", t(element.dataset.i18nLabel));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.i18nLabel);
  }
  for (const element of document.querySelectorAll("[data-i18n-placeholder]")) {
    element.placeholder = t(element.dataset.i18nPlaceholder);
  }
}

/** The string of `key` in the current language, `{name}` filled from `values`. */
export function t(key, values = {}) {
  const text = STRINGS[language][key] ?? STRINGS.id[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** True when both the key and its words exist: for values that come from data (a kind, a precision). */
export function has(key) {
  return Object.hasOwn(STRINGS[language], key);
}

/** The name of a class from its slug ("very_high"). */
export const className = (value) => t(`class_${value ?? "not_assessed"}`);

function format(value, options) {
  return new Intl.NumberFormat(language === "id" ? "id-ID" : "en-GB", options).format(value);
}

/** Persons: whole numbers, and one decimal under ten so that a small estimate is not a false zero. */
export function persons(value) {
  if (value > 0 && value < 0.1) return `< ${format(0.1, {})}`;
  const digits = Math.abs(value) < 10 ? 1 : 0;
  return format(value, { maximumFractionDigits: digits });
}

export const score = (value) => format(value, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
export const decimals = (value, digits) =>
  format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });
export const whole = (value) => format(value, { maximumFractionDigits: 0 });

export function percent(value) {
  if (value > 0 && value < 0.01) return `< ${format(0.01, { style: "percent" })}`;
  return format(value, { style: "percent", maximumFractionDigits: 0 });
}

export function today() {
  return new Intl.DateTimeFormat(language === "id" ? "id-ID" : "en-GB", { dateStyle: "long" }).format(new Date());
}
