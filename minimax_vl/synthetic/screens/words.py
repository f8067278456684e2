"""What screens say in their own words: switches, tabs, menus, days, skies, in a few languages."""

from __future__ import annotations

import random

LANGUAGES = ("en", "en", "en", "en", "en", "de", "fr", "es", "ms")
SWITCHED = {
    "en": "Wi-Fi|Bluetooth|Airplane mode|Mobile data|Location|Dark mode|Auto-rotate|Do not disturb|Battery saver|"
    "Hotspot|NFC|Vibrate on ring|Automatic updates|Night light|Show previews|Sync contacts|Face unlock|Keyboard sounds|"
    "Roaming|Read receipts|Back up photos|Reduce motion|Low power mode|Screen lock|Voice assistant|Adaptive brightness|"
    "VPN|Find my device|Tap to wake|Save to gallery|Spell check|Emergency alerts|Haptic feedback|Bold text",
    "de": "WLAN|Bluetooth|Flugmodus|Mobile Daten|Standort|Nachtmodus|Energiesparmodus|Automatische Updates|Vibration|"
    "Benachrichtigungen|Bildschirmsperre|Hotspot|Roaming|Sprachassistent|Rechtschreibung|Fotos sichern|VPN|NFC",
    "fr": "Wi-Fi|Bluetooth|Mode avion|Localisation|Ne pas deranger|Mode sombre|Rotation automatique|Notifications|NFC|"
    "Partage de connexion|Vibreur|Sauvegarde|Mode nuit|Itinerance|Sons du clavier|Verrouillage|Aide vocale|VPN",
    "es": "Wi-Fi|Bluetooth|Modo oscuro|No molestar|Datos en roaming|Notificaciones|Sonidos del teclado|Bloqueo|NFC|VPN|"
    "Ahorro de energia|Modo lectura|Copia de seguridad|Compartir internet|Vibrar|Asistente de voz|Luz nocturna|GPS",
    "ms": "Wi-Fi|Bluetooth|Mod pesawat|Data mudah alih|Lokasi|Mod gelap|Jangan ganggu|Pemberitahuan|Penjimat bateri|"
    "Putaran automatik|Kemas kini automatik|Getaran|Kunci skrin|Bunyi papan kekunci|Sandaran foto|NFC|VPN|Perayauan",
}
SETTINGS = {"en": "Settings", "de": "Einstellungen", "fr": "Parametres", "es": "Ajustes", "ms": "Tetapan"}
SECTIONS = {
    "en": "General|Network|Display|Sound|Privacy|Security|Accounts|Accessibility|System|Connections",
    "de": "Allgemein|Netzwerk|Anzeige|Ton|Datenschutz|Sicherheit|Konten|System|Verbindungen",
    "fr": "Affichage|Son|Comptes|Confidentialite|Connexions|Stockage|Applications",
    "es": "General|Red|Pantalla|Sonido|Privacidad|Seguridad|Cuentas|Sistema|Conexiones",
    "ms": "Umum|Rangkaian|Paparan|Bunyi|Privasi|Keselamatan|Akaun|Sistem|Sambungan",
}
DAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miercoles jueves viernes sabado domingo",
    "ms": "Isnin Selasa Rabu Khamis Jumaat Sabtu Ahad",
}
SKIES = {
    "en": "Sunny|Clear|Cloudy|Partly cloudy|Light rain|Rain|Showers|Drizzle|Overcast|Hazy|Windy|Mostly sunny",
    "de": "Sonnig|Klar|Heiter|Bedeckt|Regen|Schauer|Wolkig|Windig|Dunst",
    "fr": "Nuageux|Pluie|Averses|Couvert|Clair|Brume|Soleil|Vent",
    "es": "Soleado|Despejado|Nublado|Lluvia|Llovizna|Cubierto|Viento|Niebla",
    "ms": "Cerah|Berawan|Hujan|Hujan renyai|Mendung|Berangin|Jerebu|Panas",
}
MENUS = {
    "en": "File|Edit|View|Insert|Format|Tools|Data|Window|Help",
    "de": "Datei|Bearbeiten|Ansicht|Format|Extras|Daten|Fenster|Hilfe",
    "fr": "Fichier|Edition|Affichage|Insertion|Outils|Aide",
    "es": "Archivo|Editar|Ver|Insertar|Formato|Herramientas|Ayuda",
    "ms": "Fail|Edit|Papar|Sisip|Format|Alatan|Bantuan",
}


def counted(number: int, thing: str) -> str:
    """So many things, in words that agree: 1 alarm, 2 alarms."""
    return f"{number} {thing}{'s' * (number != 1)}"


def listed(rng: random.Random, table: dict[str, str], language: str, count: int) -> list[str]:
    """Up to `count` different words of a list, in random order."""
    words = table[language].split("|")
    return rng.sample(words, min(count, len(words)))


def days(language: str) -> list[str]:
    """The days of the week as the language calls them, without accents."""
    return DAYS[language].split()
