"""What dialogs and people say, with gaps that are filled in: {file}, {number}, {time} and their like."""

from __future__ import annotations

import random

from minimax_vl.synthetic.screens.words import days
from minimax_vl.synthetic.values import Values

# What a dialog says | its buttons, by language.
_DIALOGS = {
    "en": """
Do you want to save the changes to {file}? | Save, Don't save, Cancel
The file {file} already exists. Replace it? | Replace, Skip
{app} has stopped working. | Close, Wait
The connection to {host} was lost. Try again? | Retry, Cancel
Are you sure you want to delete {number} items? | Delete, Keep
Your session ends in {number} minutes. | Stay, Log out
An update to version {version} is ready. Install it now? | Install, Later
{app} would like to use your camera. | Allow, Don't allow
The disk {disk} is almost full. Only {number} MB are left. | Clean up, Ignore
The password for {user} expires in {number} days. | Change now, Not now
Printer {app} is out of paper. | OK, Cancel
The file {file} could not be opened. | OK, Help
{number} messages were moved to {app}. | OK, Undo
Allow {user} to control this computer? | Yes, No
Copying {number} files to {disk} | Pause, Cancel
Downloading {file} | Hide, Cancel
""",
    "de": """
Die Datei {file} ist gesperrt. | OK, Abbrechen
{app} reagiert nicht. Programm beenden? | Beenden, Warten
Version {version} jetzt installieren? | Installieren, Nicht jetzt
Wirklich {number} Elemente entfernen? | Ja, Nein
Verbindung zu {host} getrennt. | Wiederholen, Abbrechen
Kopiere {number} Dateien | Pause, Abbrechen
""",
    "fr": """
Voulez-vous enregistrer {file} ? | Enregistrer, Annuler
{app} ne fonctionne plus. | Fermer, Attendre
Supprimer {number} objets ? | Oui, Non
Installer la version {version} maintenant ? | Installer, Plus tard
Copie de {number} fichiers | Pause, Annuler
""",
    "es": """
Desea guardar los cambios en {file}? | Guardar, Descartar, Cancelar
{app} no responde. Cerrar el programa? | Cerrar, Esperar
Eliminar {number} elementos? | Aceptar, Cancelar
Instalar ahora la version {version}? | Instalar, Luego
Copiando {number} archivos | Pausa, Cancelar
""",
    "ms": """
Simpan perubahan pada {file}? | Simpan, Buang, Batal
{app} tidak bertindak balas. Tutup program? | Tutup, Tunggu
Padam {number} item? | Ya, Tidak
Pasang versi {version} sekarang? | Pasang, Kemudian
Menyalin {number} fail | Jeda, Batal
""",
}
DIALOGS: dict[str, list[tuple[str, list[str]]]] = {
    language: [
        (form, buttons.split(", "))
        for form, buttons in (line.split(" | ") for line in table.strip().splitlines())
    ]
    for language, table in _DIALOGS.items()
}
WORK = (
    "Copying",
    "Downloading",
    "Kopiere",
    "Copie",
    "Copiando",
    "Menyalin",
)  # these go on while the dialog is open
REMARKS = """
See you at {time}!
I am at {place} now
The code is {code}
Can you bring {goods}?
Running late, be there {time}
It costs {money}
My train leaves at {time}
Did you call {name}?
Ok, thanks
No problem!
Where are you?
Meet me in front of {place}
Happy birthday!
Let's do {day} instead
The key is under the {word}
Room {number}, second floor
Please buy {goods}
I sent you the file {word}.pdf
Good morning
Sounds good to me
Who has the {word}?
{name} says hi
Not yet, maybe {day}
How was the {word}?
I paid {money} for the {word}
Call me when you can
We are {number} people
Did the {word} arrive?
Yes, of course
That is great news
Turn left after the {word} and wait for me
Don't forget the {word}
My new phone number is {phone}
I will do it after {day}
We could meet at {place} around {time}
Bis {time} dann!
Bin gleich da
A demain!
On se voit {day}?
Gracias, nos vemos
Ya voy en camino
Jumpa nanti
Boleh, tiada masalah
Kein Problem
D'accord, merci
Sama-sama
""".strip().splitlines()


def remark(rng: random.Random, values: Values, time: str) -> str:
    """A short message as people send it; `time` is what it says where it names one."""
    return rng.choice(REMARKS).format_map(
        {
            "time": time,
            "place": values.city(),
            "code": values.scramble(),
            "goods": values.goods(),
            "money": values.amount(values.cents(4), currency=True),
            "name": values.first_name(),
            "day": rng.choice(days("en")),
            "word": values.word(),
            "number": str(rng.randint(2, 60)),
            "phone": values.phone(),
        }
    )
