"""What the fields of tickets are called: in questions, and as they are printed in five languages."""

from __future__ import annotations

import re
from dataclasses import dataclass

LANGUAGES = ("English", "German", "French", "Spanish", "Malay")
# Fields whose foreign labels are printed with the English one beside them, as real tickets do: `absent` knows fields
# by English words, and would else ask for what is there.
TWICE = frozenset(
    (
        "flight",
        "gate",
        "seat",
        "price",
        "fare",
        "paid",
        "plate",
        "until",
        "booking",
        "order",
        "weight",
        "persons",
    )
)


@dataclass(frozen=True)
class Term:
    """One kind of field: its name in a question, the family it is mistaken within, labels by language, questions."""

    name: str
    family: str
    asked: tuple[str, ...]
    labels: tuple[
        tuple[str, ...], ...
    ]  # by language, English alone where all print that, none where none is printed


# key | name | family | questions | labels: English | German | French | Spanish | Malay. Indented lines go on.
_TABLE = """
passenger | name of the passenger | | Who is the passenger{on}?; Who is travelling{on}?; What is the passenger
    called{on}? | Passenger, Passenger Name, Name of Passenger, Name, Traveller | Reisender, Fahrgast, Name |
    Passager, Nom | Pasajero, Nombre | Penumpang, Nama
owner | name of the owner | | Who is the owner of the luggage{on}?; Whose luggage is it{on}?; What name is
    written{on}? | Name, Owner, Belongs To | Name, Besitzer | Nom, Proprietaire | Nombre | Nama, Pemilik
from | place of departure | | Where does the journey start{on}?; From where is the journey{on}?; Where is the
    departure from{on}? | From, Origin, Departing From | Von, Ab | De, Au depart de | De, Desde, Origen | Dari
to | destination | | Where does the journey end{on}?; Where does the journey go to{on}?; Where is the passenger
    going{on}? | To, Destination, Going To | Nach, Ziel | A, Vers | A, Hasta, Destino | Ke, Destinasi
from_code | code of the airport of departure | | Which airport code stands for the departure{on}?
to_code | code of the airport of arrival | | Which airport code stands for the destination{on}?; What are the three
    large letters of the destination{on}?
via | stop on the way | | Via which place is the journey{on}?; Through where does the journey lead{on}? | Via, Through
    | Ueber, Via | Via | Via | Melalui
flight | flight number | | Which flight is it{on}?; What is the number of the flight{on}? | Flight, Flight No. | Flug,
    Flugnummer | Vol, No de vol | Vuelo | Penerbangan
gate | gate | | Which gate is it{on}?; At which gate does boarding take place{on}? | Gate, Boarding Gate, Gate No. |
    Flugsteig | Porte | Puerta | Pintu
boarding | boarding time | time | When does boarding start{on}?; At what time is boarding{on}? | Boarding Time,
    Boarding Time, Time of Boarding | Boarding Time | Boarding Time | Boarding Time | Boarding Time
closes | time the gate closes | time | When does the gate close{on}?; At what time does the gate close{on}? | Gate
    Closes, Gate Closing | Gate Closes | Gate Closes | Gate Closes | Gate Closes
terminal | terminal | | Which terminal is it{on}?; From which terminal is it{on}? | Terminal, Term. | Terminal |
    Terminal | Terminal | Terminal
group | boarding group | | Which boarding group is it{on}?; Which group or zone is it{on}? | Group, Boarding Group,
    Zone | Gruppe | Groupe | Grupo | Kumpulan
sequence | sequence number | | What number in the sequence is it{on}? | Seq., Seq. No., Sequence, Sequence No. | Seq.
    Nr. | Seq. No | Secuencia | No. Turutan
class | class | | Which class is it{on}?; In which class is the seat{on}?; Which class does the passenger travel
    in{on}? | Class, Travel Class, Cabin | Klasse | Classe | Clase | Kelas
seat | seat | | Which seat is it{on}?; What is the number of the seat{on}?; Where does one sit{on}? | Seat, Seat No.,
    Seat Number | Sitzplatz, Platz | Siege, Place | Asiento | Tempat Duduk
coach | coach | | Which coach is it{on}?; In which coach is the seat{on}? | Coach, Carriage, Car | Wagen | Voiture |
    Coche, Vagon | Gerabak
train | train number | | Which train is it{on}?; What is the number of the train{on}? | Train, Train No. | Zug,
    Zugnummer | Train, Train No | Tren | Tren, No. Tren
line | line | | Which line is it{on}?; What is the number of the line{on}? | Line, Route, Service | Linie | Ligne |
    Linea | Laluan
vessel | ship | | Which ship is it{on}?; What is the ship called{on}? | Vessel, Ship | Schiff | Navire | Barco | Kapal
platform | platform | | Which platform does it leave from{on}?; At which platform is it{on}? | Platform, Track, Plat.
    | Gleis | Voie, Quai | Anden, Via No. | Platform
bay | bay | | Which bay does the bus leave from{on}?; At which bay is it{on}? | Bay, Bay No., Stand | Bussteig | Quai
    | Darsena | Petak
date | date | date | On which date is it{on}?; On what day is it{on}? | Date, DATE | Datum | Date | Fecha | Tarikh
departure | departure time | time | When does it leave{on}?; At what time is the departure{on}? | Departure, Departs,
    Departure Time, Dep. | Abfahrt, Abgang | Depart | Salida | Berlepas
arrival | arrival time | time | When does it arrive{on}?; At what time is the arrival{on}? | Arrival, Arrives, Arrival
    Time, Arr. | Ankunft | Arrivee | Llegada | Ketibaan
issued | date of issue | date | When was it issued{on}?; On which date was it issued{on}? | Issue Date, Date of Issue,
    Issued | Ausgestellt am | Emis le | Fecha de emision | Tarikh Keluar
until | date it is valid until | date | Until when is it valid{on}?; When does it expire{on}? | Valid Until, Valid
    Until Date, Expires | Gueltig bis | Valable jusqu'au | Valido hasta | Sah hingga
expiry | time the parking ends | time | Until when may the car stay{on}?; When does the parking time end{on}?; At what
    time does it expire{on}? | Valid Until, Expires At, Parking Ends, Expiry Time | Valid Until | Valid Until | Valid
    Until | Valid Until
persons | number of persons | | How many persons is it for{on}?; For how many people is it{on}? | Persons, No. of
    Persons, Pax | Personen | Personnes | Personas | Orang
type | ticket category | | Which category of ticket is it{on}?; Which category is printed{on}? | Ticket
    Type, Type, Category | Ticketart, Kategorie | Type | Tipo | Jenis
zone | zone | | Which zone is it for{on}?; In which zone is it valid{on}? | Zone, Zones, Fare Zone | Zone | Zone |
    Zona | Zon
price | price | money | How much is it{on}?; What does it cost{on}?; How much did it cost{on}? | Price, Ticket Price,
    Total Price | Preis | Prix | Precio | Harga
fare | fare | money | How much is the fare{on}?; What does the journey cost{on}? | Fare, Fare Paid, Total Fare, Adult
    Fare | Fahrpreis | Tarif | Tarifa | Tambang
booking | booking reference | number | What is the reference of the booking{on}?; Under which reference was it
    booked{on}? | Booking Ref., Booking Reference, Booking, PNR, Reservation | Buchung | Reservation | Reserva |
    Tempahan
order | order number | number | What is the number of the order{on}?; Under which order was it bought{on}? | Order
    No., Order, Order Number, Order # | Bestellung | Commande | Pedido | Pesanan
ticket | ticket number | number | Which ticket is it, by number{on}?; Which ticket number is printed{on}? | Ticket
    No., Ticket Number, Ticket, Ticket # | Ticket-Nr., Karten-Nr. | No du billet, Billet No | Billete No., Boleto
    | No. Tiket
tag | tag number | number | What is the number of the tag{on}?; Which tag number is printed{on}? | Tag No., Bag Tag,
    Tag Number | Tag No. | Tag No. | Tag No. | Tag No.
frequent | frequent flyer number | number | What is the number of the frequent flyer{on}? | Frequent Flyer, FFP, FF
    No. | Vielflieger | Fidelite | Viajero frecuente | Ahli
weight | weight | | How heavy is the luggage{on}?; How much does it weigh{on}? | Weight, Wt. | Gewicht | Poids | Peso
    | Berat
pieces | number of pieces | | How many pieces are there{on}?; How many pieces of luggage are there{on}? | Pieces, Pcs,
    Bags | Stueck | Bagages | Piezas | Bilangan Beg
phone | telephone number | | What is the phone number{on}?; Which number can be called{on}? | Phone, Tel., Mobile,
    Telephone | Telefon | Telephone | Telefono | Telefon
street | street | | In which street does the owner live{on}?; At which street address does the owner live{on}? |
    Address, Street | Adresse, Strasse | Adresse, Rue | Direccion, Calle | Alamat
city | city | | In which city does the owner live{on}?; What is the town{on}? | City, Town | Ort, Stadt | Ville |
    Ciudad | Bandar
airline | airline | | Which airline is it{on}?; What is the name of the airline{on}?; Which airline is the flight
    with{on}?
operator | company | | Which company is it{on}?; What is the name of the company{on}?; What is the company called{on}?
title | title | | What is the title{on}?; What is it for{on}?; What is the name of the event{on}?
match | match | | Who plays against whom{on}?; Which teams play{on}?; Which match is it{on}?
subtitle | line below the title | | What does the line below the title say{on}?; What is printed under the title{on}?
venue | venue | | Where does it take place{on}?; What is the name of the venue{on}?; At which place is it{on}? |
    Venue, Place, Location | Ort, Spielort | Lieu, Salle | Lugar, Recinto | Tempat
doors | time the doors open | time | When do the doors open{on}?; At what time do the doors open{on}? | Doors, Doors
    Open, Doors Open At | Einlass | Ouverture des portes | Apertura | Pintu Dibuka
start | start time | time | When does it start{on}?; At what time does it begin{on}? | Starts, Begins, Start Time,
    Show Time, Starts At | Beginn | Debut | Inicio | Mula
kickoff | kick-off time | time | When is the kick-off{on}?; At what time does the match start{on}? | Kick-off, Kick
    Off, KO | Anpfiff | Coup d'envoi | Inicio | Sepak Mula
section | section | | Which section is it{on}?; In which section is the seat{on}? | Section, Block, Sec., Area | Block
    | Secteur, Bloc | Sector | Blok
row | row | | Which row is it{on}?; In which row is the seat{on}? | Row | Reihe | Rang, Rangee | Fila | Baris
entrance | entrance | | Which entrance is to be used{on}?; Through which entrance does one go in{on}? | Entrance,
    Entry Via, Door, Turnstile | Eingang | Entree, Acces | Acceso | Pintu Masuk
hall | hall | | In which hall is it shown{on}?; Which screen or hall is it{on}? | Screen, Hall, Auditorium | Saal |
    Salle | Sala | Dewan
rating | age rating | | What is the rating of the film{on}?; How is it rated{on}? | Rated, Rating, Age | FSK | Age |
    Edad | Umur
format | format | | In which format is it shown{on}? | Format, Version | Fassung | Version | Formato | Format
holder | name of the ticket holder | | Who is the ticket holder{on}?; In whose name is it{on}? | Name, Ticket Holder,
    Guest, Holder | Name, Inhaber | Nom, Titulaire | Nombre, Titular | Nama
place | car park | | Which car park is it{on}?; What is the car park called{on}?; In which car park was the car{on}?
plaza | toll plaza | | At which plaza was it paid{on}?; What is the name of the plaza{on}? | Plaza, Toll Plaza,
    Station | Station | Gare de peage | Caseta | Plaza Tol
lane | lane | | Which lane was it{on}?; What is the number of the lane{on}? | Lane, Lane No. | Spur | Voie | Carril |
    Lorong
vehicle | vehicle class | | Which class of vehicle is it{on}? | Vehicle Class, Veh. Class | Fahrzeugklasse | Classe de
    vehicule | Clase | Kelas Kenderaan
entry | entry | | When did the car enter{on}?; When was the entry{on}?; When did it drive in{on}? | Entry, In, Entry
    Time, Time In | Einfahrt | Entree | Entrada | Masuk
exit | exit | | When did the car leave{on}?; When was the exit{on}?; When did it drive out{on}? | Exit, Out, Exit
    Time, Time Out | Ausfahrt | Sortie | Salida | Keluar
entry_plaza | place of entry | | Where was the motorway entered{on}?; At which plaza did it enter{on}? | Entry Plaza,
    Entry Point, From | Einfahrt | Entree | Entrada | Masuk
duration | duration | | How long did the car stay{on}?; How long was it parked{on}? | Duration, Stay, Parking Time,
    Length of Stay | Parkdauer | Duree | Estancia | Tempoh
rate | rate | money | How much is one hour{on}?; What is the rate per hour{on}? | Rate, Hourly Rate, Rate per Hour |
    Rate / Hour | Rate / Hour | Rate / Hour | Rate / Hour
paid | amount paid | money | How much was paid{on}?; What was paid{on}? | Amount Paid, Total Paid, Fee Paid | Bezahlt
    | Paye | Pagado | Dibayar
method | way of payment | | How was it paid{on}?; With what was it paid{on}? | Paid By, Payment, Paid With | Paid By |
    Paid By | Paid By | Paid By
plate | licence plate | | What is the number plate of the car{on}?; Which plate does the car have{on}? | Plate No.,
    Licence Plate No., Vehicle Reg., Number Plate, Car Reg. No. | Kennzeichen | Immatriculation | Matricula | No.
    Kenderaan
level | level | | On which level is the car{on}?; Which level is it{on}? | Level, Floor, Deck | Ebene | Niveau |
    Nivel, Planta | Aras
bay_no | parking space | | In which space is the car{on}?; What is the number of the space{on}? | Space, Space No.,
    Bay | Stellplatz | Emplacement | Plaza | Petak
machine | machine | | Which machine printed it{on}? | Machine, Machine No., Terminal | Automat | Borne | Maquina |
    Mesin
queue | queue number | | Which number was drawn{on}?; What is the number of the one who waits{on}?; What is the large
    number{on}? | Your Number, Queue No., Number, Ticket | Ihre Nummer, Nummer | Votre numero | Su numero, Turno |
    Nombor Anda
service | service | | Which service is it for{on}?; What is the person waiting for{on}? | Service, Department, For |
    Anliegen | Service | Servicio | Perkhidmatan
counter | counter | | Which counter is it{on}?; To which counter does one go{on}? | Counter, Counters, Desk | Schalter
    | Guichet | Ventanilla | Kaunter
waiting | number of people waiting | | How many people are waiting{on}?; How many are waiting{on}? | People Waiting,
    Waiting, Ahead of You | Wartende | En attente | En espera | Menunggu
time | time of printing | time | At what time was it printed{on}?; What time was it printed{on}? | Time, Printed At,
    TIME | Uhrzeit | Heure | Hora | Masa
office | office | | Which office is it from{on}?; Where does one wait{on}?; Which office issued it{on}?
house | place that issued it | | Which place is it from{on}?; Who issued it{on}?
coat | cloakroom number | | Which number belongs to the coat{on}?; Under which number is the coat{on}?; What is the
    large number{on}? | No., Number, Coat No., Hanger | Nr., Nummer | No, Numero | Numero | No.
items | number of items | | How many items were left{on}?; How many items are there{on}? | Items, Pieces, Garments |
    Stueck | Articles | Prendas | Barang
rack | rack | | On which rack is the coat{on}?; Which rack is it{on}? | Rack, Rail, Rack No. | Stange | Portant |
    Perchero | Rak
raffle | raffle number | | Which raffle number is it{on}?; Which number is in the raffle{on}?; What is the large
    number{on}? | No., Number, Ticket No. | Los-Nr., Nr. | No, Numero | Numero, Boleto | No.
cause | cause | | What is the raffle in aid of{on}?; For what is the money raised{on}? | In Aid Of, Proceeds To, For |
    In Aid Of | In Aid Of | In Aid Of | In Aid Of
prize | first prize | | What is the first prize{on}?; What can be won first{on}? | 1st Prize, First Prize | 1. Preis |
    1er prix | 1er premio | Hadiah Pertama
second | second prize | | What is the second prize{on}? | 2nd Prize, Second Prize | 2. Preis | 2e prix | 2o premio |
    Hadiah Kedua
third | third prize | | What is the third prize{on}? | 3rd Prize, Third Prize | 3. Preis | 3e prix | 3er premio |
    Hadiah Ketiga
draw | date of the draw | date | When is the draw{on}?; On which date is the draw{on}? | Draw Date, Draw, Drawn On |
    Ziehung | Tirage | Sorteo | Cabutan
"""


def _term(record: str) -> tuple[str, Term]:
    key, name, family, asked, *labels = (part.strip() for part in record.split("|"))
    return key, Term(
        name, family, tuple(asked.split("; ")), tuple(tuple(label.split(", ")) for label in labels)
    )


_RECORDS = re.sub(r"\n +", " ", _TABLE).strip().splitlines()
TERMS: dict[str, Term] = dict(_term(record) for record in _RECORDS)
