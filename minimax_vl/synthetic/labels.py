"""Field labels as documents print them, with the name a question would use and the kind of value that follows."""

from __future__ import annotations

from collections.abc import Callable

from minimax_vl.synthetic.values import Values

# name in a question | labels as printed | method of Values
_TABLE = """
invoice number | Invoice No., Invoice #, Invoice Number, Inv No, INVOICE NO, Invoice No | code
date | Date, DATE, Dated | date
invoice date | Invoice Date, INV DATE | date
due date | Due Date, Payment Due, DUE DATE, Due | date
order number | Order #, Order No., Order Number, Order ID | code
order date | Order Date, Date of Order | date
customer | Customer, Customer Name, CUSTOMER | person
account number | Account No., Account #, Account Number, Acct No | code
registration number | Registration No., Reg. No., REG NO, Company Reg. No. | code
phone number | Phone, Tel, Telephone, Phone No., TEL | phone
fax number | Fax, Fax No., FAX | phone
mobile number | Mobile, Cell, Mobile No. | phone
email | Email, E-mail, Email Address, EMAIL | email
website | Website, Web, URL | website
contact person | Contact, Contact Person, Attn, Attention | person
address | Address, Mailing Address, ADDRESS | address
ship-to | Ship To, Deliver To, SHIP TO | person
bill-to | Bill To, Billed To, BILL TO, Sold To | company
vendor | Vendor, Supplier, Seller | company
company | Company, Company Name, Firm | company
station | Station, Branch, Store, Outlet | city
city | City, Town, CITY | city
country of origin | Origin, Made In | city
reference | Ref, Reference, Ref. No., Your Ref, REF NO | code
purchase order | PO Number, P.O. No., PO #, Purchase Order | code
tracking number | Tracking No., Tracking #, AWB | code
policy number | Policy No., Policy Number | code
patient | Patient, Patient Name | person
doctor | Doctor, Physician, Attending | person
student | Student, Student Name | person
teacher | Teacher, Instructor | person
driver | Driver, Driver Name | person
cashier | Cashier, Served By, Operator, CASHIER | first_name
salesperson | Salesperson, Sales Rep, Agent | person
manager | Manager, Supervisor | person
department | Department, Dept, Dept. | title
position | Position, Job Title, Role | title
project | Project, Project Name | title
subject | Subject, RE, Re | title
item | Item, Article | goods
product | Product, Product Name | goods
model | Model, Model No. | code
serial number | Serial No., Serial Number, S/N | code
batch | Batch, Batch No., Lot No. | code
table number | Table, Table No., TABLE | number
room | Room, Room No. | number
gate | Gate, Gate No. | number
seat | Seat, Seat No. | code
flight | Flight, Flight No. | code
quantity | Qty, Quantity, QTY | number
weight | Weight, Net Weight, Gross Wt | quantity
height | Height, Length, Width | quantity
temperature | Temperature, Temp | quantity
rate | Rate, Interest Rate | percent
discount | Discount, Disc. | percent
score | Score, Result, Grade | decimal
amount | Amount, AMOUNT, Amt | money
amount due | Amount Due, Balance Due, AMOUNT DUE | money
balance | Balance, Current Balance | money
deposit | Deposit, Advance | money
price | Price, Unit Price, PRICE | money
salary | Salary, Gross Pay | money
fee | Fee, Service Fee | money
time | Time, TIME | time
start time | Start, Start Time, From | time
end time | End, End Time, Until | time
arrival | Arrival, ETA | time
departure | Departure, Departs | time
date of birth | Date of Birth, DOB, Born | date
expiry date | Expires, Expiry Date, Exp. Date, Valid Until | date
delivery date | Delivery Date, Ship Date | date
payment method | Payment Method, Paid By, Payment | phrase
terms | Terms, Payment Terms | phrase
status | Status, STATUS | phrase
remarks | Remarks, Notes, Comment | phrase
description | Description, Details | phrase
category | Category, Type, Class | phrase
code | Code, CODE, Pin | scramble
password | Password, Access Code | scramble
ticket number | Ticket No., Ticket # | code
member ID | Member ID, Member No. | code
GST number | GST ID, GST No., GST Reg No | code
VAT number | VAT No., VAT ID, VAT Reg. | code
"""
KNOWN: tuple[tuple[str, tuple[str, ...], Callable[[Values], str]], ...] = tuple(
    (name, tuple(labels.split(", ")), getattr(Values, kind))
    for name, labels, kind in (line.split(" | ") for line in _TABLE.strip().splitlines())
)
