/** What the service refuses, in the reader's language: it answers in English. What is not known here stays as it came. */

import { currentLanguage } from "../../static/i18n/i18n.js";

const LIMITS = { villages: "desa", money: "rupiah", days: "hari", number: "jumlah desa", budget: "anggaran", budget_idr: "anggaran" };
const limit = (name) => LIMITS[name] ?? name;
/** 1,234.5 as it is written in Bahasa Indonesia. */
const angka = (text) => text.replaceAll(",", " ").replace(".", ",").replaceAll(" ", ".");

/** English pattern, and what it says in Bahasa Indonesia; desks add their own. */
export const REFUSALS = [
  [/^a floor of ([\d.]+) in every regency is out of reach with ([\d.,e+]+) (\w+): relax floor to ([\d.]+)(?:, or \w+ to ([\d.,e+]+))?/,
    (m) => `Bagian terkecil ${angka(String(Number(m[1]) * 100))}% tiap kabupaten tidak tercapai dengan ${angka(m[2])} ${limit(m[3])}: turunkan menjadi ${angka((Number(m[4]) * 100).toFixed(1))}%${m[5] ? `, atau naikkan batas menjadi ${angka(m[5])} ${limit(m[3])}` : ""}.`],
  [/^the cheapest village (?:takes|costs) ([\d.,e+]+)/, (m) => `Desa yang paling murah memerlukan ${angka(m[1])}: naikkan batas sedikitnya menjadi ${angka(m[1])}.`],
  [/^no village can be chosen/, () => "Tidak ada desa yang dapat dipilih: semua sudah dilayani atau dikecualikan."],
  [/no settlement is known for that village/, () => "Letak desa itu belum diketahui; pilih tempat di dekatnya."],
  [/^what must be chosen takes ([\d.,e+]+) (\w+) of ([\d.,e+]+)/,
    (m) => `Desa yang wajib dikunjungi memerlukan ${angka(m[1])} ${limit(m[2])}, padahal batasnya ${angka(m[3])}: naikkan batas atau kurangi daftar wajib.`],
  [/^(?:number|villages) is (\d+), but only (\d+) villages can be chosen/, (m) => `Hanya ${m[2]} desa dapat dipilih; ${m[1]} terlalu banyak.`],
  [/is not known in (.+), so a change of it has no start/, (m) => `Indikator ini tidak diketahui di ${m[1]}, jadi perubahannya tidak berpangkal.`],
  [/nobody is known to set out there/, () => "Tidak ada keberangkatan yang diketahui dari wilayah ini."],
  [/is no regency or province/, () => "Pilih kabupaten/kota atau provinsi."],
  [/is no area of your province/, () => "Wilayah ini bukan bagian provinsi Anda."],
  [/must be chosen and is served already/, () => "Salah satu desa wajib sudah dilayani gugus tugas; hapus dari daftar wajib."],
  [/^no village is known in/, () => "Tidak ada desa yang diketahui di wilayah itu."],
  [/^no place called/, () => "Tempat itu tidak dikenal; pilih dari daftar."],
  [/repeats \w+/, () => "Perubahan yang sama sudah ada; ubah atau hapus salah satunya."],
  [/publish/, () => "Layanan belum memegang model untuk menghitung ini; minta pengelola menerbitkan rilis lagi."],
];

/** The message as the reader should see it. */
export function inWords(message) {
  if (currentLanguage() !== "id") return message;
  for (const [pattern, words] of REFUSALS) {
    const found = pattern.exec(message);
    if (found) return words(found);
  }
  return message;
}

/** A problem with its messages in words. */
export function problemInWords(problem) {
  if (!problem) return problem;
  const errors = (problem.errors ?? []).map((error) => ({ ...error, message: inWords(error.message) }));
  return { status: problem.status, kind: problem.kind, detail: inWords(problem.detail ?? problem.message ?? ""), errors };
}
