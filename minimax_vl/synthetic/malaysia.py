"""Words of Malaysian papers in open combination: Chinese and Malay firms, streets, quarters, towns and states."""

from __future__ import annotations

import random
import string

from minimax_vl.synthetic import names

# Syllables of Hokkien, Cantonese, Hakka and Mandarin names as they are spelt there.
CHINESE = (
    "Ah Aik Ann Ban Bee Beng Boon Chai Chan Chang Chee Cheng Cheong Chew Chin Choo Chong Choon Chua Chuan Chun Da "
    "Eng Fah Fatt Foo Fook Fu Gim Goh Guan Hai Han Hao Hee Heng Hiang Hin Ho Hock Hoe Hong Hoo Hua Huang Hui Hup "
    "Jia Jin Jing Joo Jun Kah Kam Keat Keng Keong Kheng Khoo Khoon Kian Kiat Kim Kit Koh Kok Kong Kuan Kuang "
    "Kwang Lai Lam Lau Leng Lian Liew Lim Lin Ling Loh Lok Loke Long Loong Lu Lye Mei Meng Ming Moh Mun Nam Ng "
    "Ngee Ong Ooi Pang Pei Peng Phang Poh Qing Quan San Seng Shan Shun Siang Siew Sim Siong Soo Soon Swee Tai Tan "
    "Tang Tat Tay Teck Teik Teng Teong Thong Tian Ting Toh Tong Tuan Tuck Ui Voon Wah Wai Wei Weng Wing Wong Woon "
    "Xin Xing Yang Yap Yau Yee Yen Yeo Yew Yik Yin Ying Yip Yit Yoke Yuan Yuen Yun Zhi Zhong"
).split()
MALAY = (
    "Aman Anggerik Angkasa Api Asia Awan Bahagia Bakti Baru Bayan Bayu Belimbing Berlian Besar Biru Bistari Budi "
    "Bulan Bunga Cahaya Cempaka Cengal Dagang Dahlia Damai Damar Delima Duku Emas Embun Enam Gading Gajah Gaya "
    "Gemilang Hang Harapan Harmoni Harum Helang Hijau Hilir Impian Indah Inai Indera Industri Intan Iskandar "
    "Jasmin Jati Jaya Juara Kasih Kasturi Kayu Kebun Kekal Kelapa Kemboja Kemuning Kenanga Kencana Keramat "
    "Kerinchi Ketapang Kiambang Kota Kuala Kuning Kurnia Lama Langit Langkawi Laut Lembah Limau Lima Maju Makmur "
    "Mahsuri Mahkota Manggis Mas Matahari Mawar Mega Melati Melur Merah Merak Merbok Merdeka Meranti Mesra Mewah "
    "Mulia Murni Mutiara Nangka Nanas Nilam Nipah Nuri Nyaman Orkid Padi Pahlawan Pandan Pantai Pasir Pelangi "
    "Perdana Permai Permata Pertama Perak Perwira Pinang Pinggir Puteri Putera Putih Rahmat Rambutan Raja Rakyat "
    "Ramai Ratna Raya Rezeki Rimba Ros Rukun Sahabat Sakti Salak Samudera Sari Sawah Sejahtera Sekolah Selatan "
    "Selesa Semarak Sempurna Senja Sentosa Seri Seroja Siantan Silang Suria Tanjung Tasik Teguh Tebing Tempua "
    "Tenang Tengah Teratai Timur Tinggi Tropika Tuah Tunas Ukay Unggul Utama Utara Warisan Warna Wira Wangsa "
    "Zaitun Zamrud"
).split()
TRADES = (
    "TRADING|ENTERPRISE|HARDWARE|STATIONERY|RESTAURANT|CAFE|BAKERY|MARKETING|MOTOR|ELECTRICAL|PHARMACY|"
    "MINI MARKET|SUPERMARKET|HOLDINGS|INDUSTRIES|SEAFOOD|CONFECTIONERY|BOOK STORE|MACHINERY|TELECOMMUNICATION|"
    "FOOD COURT|FURNITURE|OPTICAL|CLINIC|PETROL STATION|SERVICES|SUPPLIES|JEWELLERY|TEXTILE|COSMETICS|"
    "TYRE & BATTERY|LIGHTING|AUTO PARTS|ICE CREAM|BUILDING MATERIALS|LAUNDRY|FLORIST|GIFT SHOP|PRINTING|EXPRESS|"
    "KITCHEN|DEPARTMENT STORE|ART & CRAFT|FRUITS|POULTRY FARM|RETAIL|GROUP|F&B|INTERNATIONAL|FASHION|TOYS|SPORTS|"
    "PAINT|GLASS|AQUARIUM|COMPANY|HYPERMARKET|RESOURCES|HOUSE|FOOD|FOODS|MART|FRESH MARKET|SHOP|BOOKS|PAPER|MAJU|"
    "JAYA|VILLAGE|CORNER|SERVICE CENTRE|TRADING CO|CASH & CARRY|SERVICE STATION|& SONS|& COMPANY|CO.|(MALAYSIA)|"
    "STATIONERS|DENTAL|CAR WASH|HEALTHCARE"
).split("|")
ENDS = (
    "SDN BHD|SDN BHD|SDN BHD|SDN BHD|SDN BHD|SDN. BHD.|SDN. BHD.|SDN.BHD.|S/B|SB|BHD|PLT|PTE LTD|ENTERPRISE||||"
).split("|")
FRONTS = (
    "KEDAI|RESTORAN|RESTORAN|RESTAURANT|SYARIKAT|PERNIAGAAN|PASARAYA|PASAR MINI|PUSAT|KLINIK|BENGKEL|GERAI|HOTEL|"
    "FARMASI|KEDAI MAKAN|KEDAI RUNCIT|KOPITIAM|SYARIKAT PERNIAGAAN|STESEN MINYAK|THE|OWNED BY"
).split("|")
TOWNS = {  # with the first figures of their post codes
    "Selangor": "Klang 41|Shah Alam 40|Petaling Jaya 47|Subang Jaya 47|Puchong 47|Kajang 43|Semenyih 43|Bangi 43|"
    "Seri Kembangan 43|Rawang 48|Ampang 68|Batu Caves 68|Sepang 43|Banting 42|Sungai Buloh 47|Kuala Selangor 45",
    "Johor": "Johor Bahru 81|Skudai 81|Kulai 81|Batu Pahat 83|Muar 84|Kluang 86|Pontian 82|Segamat 85|Ulu Tiram 81|"
    "Masai 81|Pasir Gudang 81|Kota Tinggi 81|Gelang Patah 81",
    "Perak": "Ipoh 31|Taiping 34|Teluk Intan 36|Sitiawan 32|Kampar 31|Batu Gajah 31|Lumut 32",
    "Pulau Pinang": "Georgetown 10|Bayan Lepas 11|Butterworth 12|Bukit Mertajam 14|Nibong Tebal 14|Gelugor 11",
    "Kedah": "Alor Setar 05|Sungai Petani 08|Kulim 09|Langkawi 07|Jitra 06",
    "Melaka": "Melaka 75|Alor Gajah 78|Ayer Keroh 75|Jasin 77",
    "Negeri Sembilan": "Seremban 70|Nilai 71|Port Dickson 71|Bahau 72|Senawang 70",
    "Pahang": "Kuantan 25|Temerloh 28|Raub 27|Mentakab 28|Cameron Highlands 39|Genting Highlands 69",
    "Sabah": "Kota Kinabalu 88|Sandakan 90|Tawau 91",
    "Sarawak": "Kuching 93|Miri 98|Sibu 96|Bintulu 97",
    "Kelantan": "Kota Bharu 15|Pasir Mas 17",
    "Terengganu": "Kuala Terengganu 20|Kemaman 24",
}
STYLES = {"Selangor": "Darul Ehsan", "Johor": "Darul Takzim", "Perak": "Darul Ridzuan", "Kedah": "Darul Aman"}
AREAS = (
    "Taman|Taman|Taman|Bandar|Bandar Baru|Kampung|Kg.|Tmn|Kawasan Perindustrian|Seksyen|Desa|Bukit|Pusat Perdagangan|"
    "Mukim|Pusat Bandar|Taman Perindustrian|Plaza|Taman Sri"
).split("|")
WAYS = "Jalan|Jalan|Jalan|Jln|Jln.|Lorong|Persiaran|Lebuh|Off Jalan".split("|")
PLOTS = "No.|No. |No |No |Lot |Lot. |||No:|Unit |Block |Lot P.T. |Lot PT |No,".split("|")
PARTS = "||||A|-G|G".split("|")
FLOORS = "Ground Floor|1st Floor|Level 2|2nd Flr|G/F|Level UG|Basement 1|GF".split("|")
CAPITAL = (
    "Kuala Lumpur",
    "Kuala Lumpur",
    "Cheras",
    "Kepong",
    "Setapak",
    "Cheras, Kuala Lumpur",
    "W.P. Kuala Lumpur",
)


def chinese(rng: random.Random) -> str:
    """Two or three syllables, as shops are called."""
    return " ".join(rng.choices(CHINESE, k=rng.choice((2, 2, 2, 3))))


def malay(rng: random.Random, most: int = 2) -> str:
    """One to `most` words, of which some are invented."""
    return " ".join(
        rng.choice(MALAY) if rng.random() < 0.7 else names.invented(rng, 2, 3).capitalize()
        for _ in range(rng.randint(1, most))
    )


def firm(rng: random.Random) -> str:
    """A registered firm as receipts print it, in capitals."""
    draw = rng.random()
    if draw < 0.27:
        name = " ".join(rng.choice(names.listed("words")) for _ in range(rng.choice((1, 2, 2, 3))))
    elif draw < 0.47:
        name = chinese(rng)
    elif draw < 0.57:
        name = malay(rng)
    else:
        name = names.stem(rng)
    if rng.random() < 0.2:
        name = f"{rng.choice(FRONTS)} {name}"
    if rng.random() < 0.6:
        name += f" {rng.choice(TRADES)}"
    if rng.random() < 0.1:
        name += f" & {rng.choice(TRADES).lstrip('& ')}"
    if rng.random() < 0.18:  # the country or the branch
        branch = rng.choice(("M", "M", "M", "KL", "S", malay(rng), malay(rng), names.invented(rng, 2, 3)))
        name += f"{rng.choice((' ', ' ', ''))}({branch})"
    return f"{name} {rng.choice(ENDS)}".strip().upper()


def street(rng: random.Random) -> str:
    """What stands behind Jalan: words in any language."""
    draw = rng.random()
    if draw < 0.55:
        return malay(rng)
    if draw < 0.7:
        return chinese(rng)
    if draw < 0.8:
        return names.initials(rng, 2, 3).replace(".", "").replace("&", "")
    return " ".join(names.invented(rng).capitalize() for _ in range(rng.choice((1, 1, 2))))


def town(rng: random.Random) -> list[str]:
    """The last parts of an address: post code and town, most often the state."""
    digits = "".join(rng.choices("0123456789", k=4))
    if rng.random() < 0.3:  # a place that is not on the map
        name = malay(rng) if rng.random() < 0.5 else names.invented(rng, 2, 3).capitalize()
        return [f"{rng.randint(1, 9)}{digits} {name}", rng.choice(tuple(TOWNS))][: rng.randint(1, 2)]
    if rng.random() < 0.22:
        return [f"5{digits[:3]}0 {rng.choice(CAPITAL)}"]
    state = rng.choice(("Selangor", "Selangor", "Johor", *TOWNS))
    name, code = rng.choice(TOWNS[state].split("|")).rsplit(" ", 1)
    full = f"{state} {STYLES[state]}" if state in STYLES and rng.random() < 0.2 else state
    parts = [f"{code}{digits[:2]}0 {name}", full]
    if rng.random() < 0.1:
        parts = [f"{code}{digits[:2]}0", name, full]
    return parts if rng.random() < 0.75 else parts[:-1]


def address(rng: random.Random) -> str:
    """Plot, way, area, post code, town and state, parted by commas or by nothing."""
    plot = str(rng.randint(1, 399 if rng.random() < 0.8 else 39999))
    plot += rng.choice((*PARTS, f"-{rng.randint(1, 40)}", f" & {rng.randint(1, 60)}"))
    letters = "".join(rng.choices(string.ascii_uppercase, k=rng.choice((1, 1, 2, 3))))
    number = f"{rng.randint(1, 30)}/{rng.randint(1, 40)}"
    section = rng.choice(
        ("", "", f" {rng.randint(1, 40)}", f" {number}", f" {number}{letters[0]}", f" {letters}{number}")
    )
    way = f"{rng.choice(WAYS)} {street(rng)}{section}"
    if rng.random() < 0.05:
        way = f"Batu {rng.randint(1, 12)}{rng.choice(('', ' 1/2', ' 1/4'))}, {way}"
    parts = [rng.choice(FLOORS)] if rng.random() < 0.15 else []
    parts.append(f"{rng.choice(PLOTS)}{plot}{rng.choice((',', ',', ''))} {way}")
    for _ in range(rng.choice((0, 1, 1, 1, 2))):
        block = "" if rng.random() < 0.75 else f" {rng.randint(1, 40)}"
        parts.append(f"{rng.choice(AREAS)} {malay(rng)}{block}")
    parts += town(rng)
    if rng.random() < 0.06:
        parts.append("Malaysia")
    return rng.choice((", ", ", ", ", ", " ", ",")).join(parts) + rng.choice(("", "", ".", ","))
