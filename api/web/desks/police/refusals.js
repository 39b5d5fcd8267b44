/** What the service refuses of a post plan, in Bahasa Indonesia. */

export const POLICE_REFUSALS = [
  [/^k is (\d+), but a post may stand at (\d+) terminals only/, (m) => `Pos hanya dapat berdiri di ${m[2]} simpul; ${m[1]} terlalu banyak.`],
  [/^k is (\d+), but (\d+) posts are fixed/, (m) => `${m[2]} pos sudah dipastikan; jumlahnya tidak bisa ${m[1]}.`],
  [/^k is (\S+); give one post or more/, () => "Isi dengan satu pos atau lebih."],
  [/^the fixed posts cost ([\d.e+]+), the budget is ([\d.e+]+)/, (m) =>
    `Pos yang dipastikan menelan ${rupiah(m[1])}, anggarannya ${rupiah(m[2])}: naikkan anggaran atau kurangi pos itu.`],
  [/is both fixed and forbidden/, () => "Satu simpul dipastikan sekaligus dilarang; pilih salah satu."],
  [/(?:fixed|forbidden|costs) names (\S+), which is no candidate/, (m) => `Simpul ${m[1]} berada di luar wilayah yang dipilih.`],
  [/^no terminal is known in/, () => "Tidak ada simpul yang diketahui di wilayah itu."],
  [/no post is known at (\S+); it can only be added/, () => "Belum ada pos yang tercatat di simpul ini; pos hanya dapat ditambah."],
  [/no such leg from/, () => "Ruas ini tidak ada pada model."],
  [/is no terminal/, () => "Simpul ini tidak dikenal."],
];

const rupiah = (text) => `Rp${Number(text).toLocaleString("id-ID")}`;
