#!/usr/bin/env python3
"""A second verifier of certificates, which shares nothing with the first.

    verify_certificate.py --keys KEYS [--known CHECKPOINT] [--max-age SECONDS] [--now SECONDS] CERTIFICATE.html

It was written from ledger/proofs/FORMATS.md and needs Python 3.11 alone: what it accepts and songhua-check refuses, or the other way round, is a fault of one of them or of that
page. It also shows how little a bank that trusts nobody's program has to write itself.

It takes the steps of "To check one" there but one half of the first: it does not render the page again, so it says itself what the machine part proves, and nobody should read the page
instead.

Exit status: 0 proved, 1 refused, 2 the command line, the keys or the file cannot be read.
"""

import argparse
import base64
import binascii
import datetime
import hashlib
import re
import struct
import sys
import time

CLOCK_SKEW_MAX_S = 300
CERTIFICATE_BYTES_MAX = 4 << 20
PAGE_BYTES_MAX = 64 << 20
NOTE_BYTES_MAX = 64 << 10
NO_DIGEST = bytes(32)


class Refused(Exception):
    """What is wrong, and where."""


def require(condition, why):
    if not condition:
        raise Refused(why)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def shown(text):
    """Bytes for a reader's screen: nothing that is not printable."""
    characters = text.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in characters)


def shown_time(seconds):
    try:
        return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S UTC")
    except OverflowError:
        return f"{seconds} s after 1970"


def decode_base64(text, what):
    """Canonical base64 of RFC 4648 section 4."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"{what} is not base64") from None
    require(base64.b64encode(decoded) == text, f"{what} is not canonical base64")
    return decoded


# ---- Ed25519 (RFC 8032, section 5.1) ----

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point_add(p, q):
    """In extended coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x*y = T/Z."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def point_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = point_add(result, point)
        point = point_add(point, point)
        scalar >>= 1
    return result


def point_compress(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def point_decompress(encoded):
    """None where the bytes are no point."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x_squared, (P + 3) // 8, P)
    if (x * x - x_squared) % P != 0:
        x = x * ROOT_OF_MINUS_1 % P
    if (x * x - x_squared) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE_POINT = point_decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verifies(public_key, message, signature):
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key = point_decompress(public_key)
    s = int.from_bytes(signature[32:], "little")
    if key is None or s >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % L
    minus_key = (P - key[0], key[1], key[2], P - key[3])
    # R = S*B - k*A, compared as bytes.
    return point_compress(point_add(point_multiply(s, BASE_POINT), point_multiply(challenge, minus_key))) == signature[:32]


# ---- Keys ----

LOG_KEY, WITNESS_KEY = 0x01, 0x04


def is_key_name(name):
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return text != "" and not any(c in "+\x7f" or c < " " or c.isspace() for c in text)


class Key:
    """A verifier key, and how far it is trusted."""

    def __init__(self, encoded):
        parts = encoded.split(b"+", 2)
        require(len(parts) == 3 and is_key_name(parts[0]), f"'{shown(encoded)}' is no verifier key: NAME+ID+BASE64")
        self.name = parts[0]
        decoded = decode_base64(parts[2], f"the end of the key '{shown(encoded)}'")
        require(len(decoded) == 33 and decoded[0] in (LOG_KEY, WITNESS_KEY), f"the key '{shown(encoded)}' is of no known type")
        self.type, self.public_key = decoded[0], decoded[1:]
        self.id = sha256(self.name, b"\n", decoded)[:4]
        require(parts[1] == self.id.hex().encode(), f"the key '{shown(encoded)}' has an id that is not its own")
        self.encoded = encoded
        self.auditor = False
        self.revoked_from_s = None  # 0: altogether

    def revoked_altogether(self):
        return self.revoked_from_s == 0

    def counts_at(self, seconds):
        return self.revoked_from_s is None or seconds < self.revoked_from_s


class Trust:
    """The file of keys."""

    def __init__(self, text):
        require(len(text) <= 1 << 20, "the file of keys has more than 1 MiB")
        try:
            text.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the file of keys is not UTF-8") from None
        self.keys, self.required = {}, 0
        revoked, required_line = {}, None
        for number, line in enumerate(text.split(b"\n"), 1):
            words = re.sub(rb"(^|[ \t\r])#.*$", b"", line).replace(b"\t", b" ").replace(b"\r", b" ").split(b" ")
            words = [word for word in words if word]
            at = f"line {number} of the keys: "
            if not words:
                continue
            if words[0] == b"require":
                require(len(words) == 2 and re.fullmatch(rb"[0-9]{1,4}", words[1]) and required_line is None, at + "accepted: require N, once")
                self.required, required_line = int(words[1]), number
                continue
            require(words[0] in (b"log", b"witness", b"auditor", b"revoked"), at + "accepted: log, witness, auditor, revoked, require")
            require(len(words) == 2 or (words[0] == b"revoked" and len(words) == 3), at + "a key is missing, or there are words too many")
            key = Key(words[1])
            if words[0] == b"revoked":
                require(key.encoded not in revoked, at + "the key stands twice")
                revoked[key.encoded] = self.seconds_of_date(words[2], at) if len(words) == 3 else 0
                continue
            require(key.type == (LOG_KEY if words[0] == b"log" else WITNESS_KEY), at + "the key is of the other type")
            require(key.encoded not in self.keys, at + "the key stands twice")
            key.auditor = words[0] == b"auditor"
            self.keys[key.encoded] = key
        require(len(self.keys) + len(revoked) <= 1000, "the file of keys has more than 1,000 keys")
        for encoded, from_s in revoked.items():
            if encoded in self.keys:
                self.keys[encoded].revoked_from_s = from_s
        require(any(key.type == LOG_KEY for key in self.keys.values()), "the file of keys names no log")
        witnesses = {key.name for key in self.keys.values() if key.type == WITNESS_KEY and not key.revoked_altogether()}
        require(self.required <= len(witnesses), f"the file of keys requires {self.required} witnesses and names {len(witnesses)}")

    @staticmethod
    def seconds_of_date(word, at):
        try:
            require(re.fullmatch(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}", word), at + "accepted: a date like 2026-01-05")
            days = (datetime.date.fromisoformat(word.decode()) - datetime.date(1970, 1, 1)).days
        except ValueError:
            raise Refused(at + "there is no such day") from None
        require(days > 0, at + "accepted: a date after 1970-01-01")
        return days * 86400


# ---- Signed notes and checkpoints ----


class Signature:
    def __init__(self, line):
        match = re.fullmatch("— ([^ ]+) ([^ ]+)".encode(), line)
        require(match and is_key_name(match[1]), f"the checkpoint's line '{shown(line)}' is no signature")
        decoded = decode_base64(match[2], "a signature of the checkpoint")
        require(len(decoded) > 4, "a signature of the checkpoint is empty")
        self.name, self.key_id, self.bytes = match[1], decoded[:4], decoded[4:]

    def is_by(self, key):
        return self.name == key.name and self.key_id == key.id

    def time_s(self):
        """Of a witness's."""
        return int.from_bytes(self.bytes[:8], "big")

    def verifies(self, text, key):
        if key.type == LOG_KEY:
            return ed25519_verifies(key.public_key, text, self.bytes)
        if self.time_s() > 2**63 - 1:
            return False
        message = b"cosignature/v1\ntime %d\n" % self.time_s() + text
        return len(self.bytes) == 72 and ed25519_verifies(key.public_key, message, self.bytes[8:])


class Checkpoint:
    """A signed note whose text is a checkpoint."""

    def __init__(self, note):
        require(len(note) <= NOTE_BYTES_MAX, "the checkpoint has more than 64 KiB")
        try:
            note.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("the checkpoint is not UTF-8") from None
        require(not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", note), "the checkpoint has control characters")
        split = note.rfind(b"\n\n")
        require(split > 0 and note.endswith(b"\n") and split + 2 < len(note), "the checkpoint is no signed note")
        self.text = note[: split + 1]
        lines = note[split + 2 : -1].split(b"\n")
        require(len(lines) <= 100, "the checkpoint has more than 100 signatures")
        require(len(set(lines)) == len(lines), "a signature of the checkpoint stands twice")
        self.signatures = [Signature(line) for line in lines]
        text_lines = self.text[:-1].split(b"\n")
        require(len(text_lines) >= 3 and all(text_lines), "the checkpoint has lines that are missing or empty")
        self.origin = text_lines[0]
        require(re.fullmatch(rb"0|[1-9][0-9]{0,18}", text_lines[1]) and int(text_lines[1]) < 2**63, "the checkpoint's size is no number")
        self.size = int(text_lines[1])
        self.root = decode_base64(text_lines[2], "the checkpoint's root")
        require(len(self.root) == 32, "the checkpoint's root is not 32 bytes")

    def signed_by(self, trust, type_):
        """Pairs of a trusted key and its signature. None may fail."""
        found = []
        for key in trust.keys.values():
            for signature in self.signatures:
                if key.type == type_ and not key.revoked_altogether() and signature.is_by(key):
                    require(signature.verifies(self.text, key), f"a signature by {shown(key.name)} does not verify")
                    found.append((key, signature))
        return found


def read_known(note, trust):
    """A checkpoint that the reader holds: one that a trusted key of its log signed."""
    known = Checkpoint(note)
    require(any(key.name == known.origin for key, _ in known.signed_by(trust, LOG_KEY)), "no trusted key of its log signed the checkpoint that you hold")
    return known


# ---- Bytes ----


class Reader:
    """Reads fields one after the other, and nothing that is not there."""

    def __init__(self, data, what):
        self.data, self.at, self.what = data, 0, what

    def take(self, count):
        require(count <= len(self.data) - self.at, f"{self.what} is cut short")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, form):
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def u8(self):
        return self.number("B")

    def u16(self):
        return self.number("H")

    def u32(self):
        return self.number("I")

    def u64(self):
        return self.number("Q")

    def i32(self):
        return self.number("i")

    def i64(self):
        return self.number("q")

    def digest(self):
        return self.take(32)

    def boolean(self):
        value = self.u8()
        require(value in (0, 1), f"{self.what} has a bool that is {value}")
        return value == 1

    def string(self, most=CERTIFICATE_BYTES_MAX, name="a string"):
        size = self.u32()
        require(size <= most, f"{name} in {self.what} has {size} bytes, more than {most}")
        return self.take(size)

    def list(self, most, read, name):
        count = self.u32()
        require(count <= most, f"{self.what} has {count} {name}, more than {most}")
        return [read() for _ in range(count)]

    def done(self):
        require(self.at == len(self.data), f"{self.what} has {len(self.data) - self.at} bytes too many")


CRC_TABLE = []
for _value in range(256):
    for _ in range(8):
        _value = _value >> 1 ^ (0x82F63B78 if _value & 1 else 0)
    CRC_TABLE.append(_value)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Record:
    """A record of the journal, with its way to the root of the log."""

    def __init__(self, reader, name, bytes_max):
        self.name = name
        self.bytes = reader.string(bytes_max, "the record " + name)
        self.salt = reader.digest()
        self.index = reader.u64()
        self.path = reader.list(64, reader.digest, "hashes in the path of " + name)

    def decode(self):
        record = Reader(self.bytes, "the record " + self.name)
        require(record.u8() == 0xA7, f"the record {self.name} is none")
        require(record.u8() == 1, f"the record {self.name} is of a version that is not known")
        self.first_sequence, count = record.u64(), record.u32()
        self.last_sequence = self.first_sequence + count - 1
        require(self.first_sequence > 0 and count > 0 and self.last_sequence < 2**64, f"the record {self.name} has sequences that cannot be")
        self.time_us = record.i64()
        record.u32()  # the logic's version
        self.principal, self.token_id, self.method, self.request_id, self.request = (record.string() for _ in range(5))
        self.status, self.reason, self.outcome = record.u32(), record.string(), record.digest()
        require(crc32c(self.bytes[: record.at]) == record.u32(), f"the record {self.name} has a wrong checksum")
        record.done()
        self.time_s = self.time_us // 1_000_000

    def is_in(self, checkpoint):
        """RFC 9162, section 2.1.3.2."""
        if self.index >= checkpoint.size:
            return False
        index, last = self.index, checkpoint.size - 1
        hash_ = sha256(b"\x00", sha256(self.salt, self.bytes))
        for sibling in self.path:
            if last == 0:
                return False
            if index & 1 or index == last:
                hash_ = sha256(b"\x01", sibling, hash_)
                while index & 1 == 0 and index != 0:
                    index, last = index >> 1, last >> 1
            else:
                hash_ = sha256(b"\x01", hash_, sibling)
            index, last = index >> 1, last >> 1
        return last == 0 and hash_ == checkpoint.root


# ---- Lots ----

PLEDGE_APPLIED, PLEDGE, FREEZE = 3, 4, 100
KINDS = {
    0: "held by orders",
    1: "held by trades that are not settled",
    2: "held by offers",
    PLEDGE_APPLIED: "pledge that is applied for",
    PLEDGE: "pledge",
    5: "leased out",
    6: "held for surrender",
    7: "held by a proposal of transfer",
    8: "held for recovery",
    9: "held for an allocation",
    FREEZE: "frozen",
}
WITH_DETAIL = (PLEDGE_APPLIED, PLEDGE, FREEZE)


class Opened:
    """What is behind a commitment: fields by name."""

    TITLE = "account participant site instrument unit sector_class valid_from valid_to vintage:i32 paid:boolean"
    PLEDGE = "pledge pledgor pledgee state since:i64 principal:i64 contract_number unified_registry_number"
    FREEZE = "freeze court case_number first last"

    def __init__(self, data, fields, lot, what):
        reader = Reader(data, what)
        require(reader.u8() == 1, f"{what} is of a version that is not known")
        require(reader.u64() == lot, f"{what} is of another lot")
        for field in fields.split():
            name, _, kind = field.partition(":")
            setattr(self, name, getattr(reader, kind or "string")())
        reader.done()


class Encumbrance:
    def __init__(self, reader):
        self.kind, self.quantity, self.detail = reader.u8(), reader.i64(), reader.digest()
        self.opened = None


class Lot:
    def __init__(self, reader):
        start = reader.at
        require(reader.u8() == 1, "a statement is of a version that is not known")
        self.number, self.quantity, title = reader.u64(), reader.i64(), reader.digest()
        self.name = f"lots/{self.number}"
        self.encumbrances = reader.list(1000, lambda: Encumbrance(reader), "encumbrances on " + self.name)
        self.statement = reader.data[start : reader.at]
        self.salt = reader.digest()
        self.path = reader.list(256, reader.digest, f"hashes in the path of {self.name}")
        openings = reader.list(1001, lambda: (reader.digest(), reader.string(16 << 10, "an opening")), "openings of " + self.name)
        self.check_form(title)
        self.open(title, openings)

    def check_form(self, title):
        where = f"the statement of {self.name} "
        require(self.quantity >= 0, where + "has a quantity below 0")
        commitments = [title]
        for before, this in zip([None] + self.encumbrances, self.encumbrances):
            require(this.kind in KINDS, where + f"has an encumbrance of the unknown kind {this.kind}")
            require(this.quantity >= 1, where + "has an encumbrance of nothing")
            if before is not None:
                require(before.kind <= this.kind, where + "does not go by kind")
                require(before.kind < this.kind or this.kind in WITH_DETAIL, where + f"has two sums of the kind {this.kind}")
            if this.kind in WITH_DETAIL:
                commitments.append(this.detail)
            else:
                require(this.detail == NO_DIGEST, where + "has a detail where there is none")
        require(NO_DIGEST not in commitments, where + "has a commitment of zero bytes")
        require(len(set(commitments)) == len(commitments), where + "has a commitment twice")

    def open(self, title, openings):
        require(openings and sha256(*openings[0]) == title, f"the title of {self.name} is not opened")
        self.title = Opened(openings[0][1], Opened.TITLE, self.number, "the title of " + self.name)
        left = openings[1:]
        for encumbrance in self.encumbrances:
            if left and encumbrance.kind in WITH_DETAIL and sha256(*left[0]) == encumbrance.detail:
                fields = Opened.FREEZE if encumbrance.kind == FREEZE else Opened.PLEDGE
                encumbrance.opened = Opened(left.pop(0)[1], fields, self.number, "a detail of " + self.name)
        require(not left, f"an opening of {self.name} belongs to no commitment, or stands at the wrong place")

    def is_in(self, root):
        key = sha256(b"songhua lot", struct.pack("<Q", self.number))
        bits = int.from_bytes(key, "big")
        hash_ = sha256(b"\x00", key, sha256(self.salt, self.statement))
        for i, sibling in enumerate(self.path):
            depth = len(self.path) - 1 - i
            if bits >> (255 - depth) & 1:
                hash_ = sha256(b"\x01", sibling, hash_)
            else:
                hash_ = sha256(b"\x01", hash_, sibling)
        return hash_ == root


# ---- Certificates ----

BEGIN, END = b"-----BEGIN SONGHUA CERTIFICATE-----", b"-----END SONGHUA CERTIFICATE-----"
HOLDING, PLEDGED = 1, 2
CERTIFICATE_KINDS = {HOLDING: "a holding", PLEDGED: "a pledge", 3: "a trade", 4: "a permit", 5: "the receipt of an application"}
OF_EACH_LOT = b"lot site instrument quantity unit valid_from valid_to control_zone pollutant region".split()
ISSUE_METHOD = b"songhua.v1.Certificates/IssueCertificate"
MAP_METHOD = b"songhua.internal/MapRoot"
CERTIFIED_EVENT = 66


def find_machine_part(page):
    require(len(page) <= PAGE_BYTES_MAX, "the file has more than 64 MiB")
    lines = page.split(b"\n")
    require(lines.count(BEGIN) == 1 and lines.count(END) == 1, "the file has not one machine part between its two lines")
    begin, end = lines.index(BEGIN), lines.index(END)
    require(end < len(lines) - 1, "the file ends in the machine part's last line")
    part = lines[begin + 1 : end]
    require(part and all(len(line) == 76 for line in part[:-1]) and 1 <= len(part[-1]) <= 76, "the machine part is not in lines of 76 characters")
    return decode_base64(b"".join(part), "the machine part")


class Certificate:
    def __init__(self, data):
        magic = b"songhua-certificate"
        require(len(data) <= CERTIFICATE_BYTES_MAX, "the machine part has more than 4 MiB")
        require(data.startswith(magic), "the machine part is no certificate")
        body = data[:-32]
        reader = Reader(body, "the machine part")
        reader.take(len(magic))
        version = reader.u32()
        require(version == 1, f"the certificate is of version {version}; this program reads version 1")
        require(sha256(body) == data[-32:], "the machine part was changed: its digest is another")
        self.kind, self.number = reader.u8(), reader.u64()
        require(self.kind in CERTIFICATE_KINDS, f"the certificate is of the unknown kind {self.kind}")
        require(self.number >= 1, "the certificate has the number 0")
        start = reader.at
        self.facts = reader.list(1000, lambda: (reader.string(64, "a fact's name"), reader.string(2000, "a fact")), "facts")
        self.facts_digest = sha256(body[start : reader.at])
        self.check_names()
        self.issue = Record(reader, "issue", 1 << 20)
        self.issue_events = reader.string(1 << 20, "the events")
        self.map_record = Record(reader, "map record", 64 << 10)
        self.lots = reader.list(100, lambda: Lot(reader), "lots")
        self.checkpoint = Checkpoint(reader.string(NOTE_BYTES_MAX, "the checkpoint"))
        reader.done()
        numbers = [lot.number for lot in self.lots]
        require(numbers == sorted(set(numbers)), "the lots do not go by number, or one stands twice")
        self.issue.decode()
        if self.has_lots():
            require(self.lots, "the certificate has no lots")
            self.map_record.decode()
        else:
            record = self.map_record
            require(not self.lots, "a certificate of this kind has no lots")
            require((record.bytes, record.salt, record.index, record.path) == (b"", NO_DIGEST, 0, []), "a certificate of this kind has no map record")

    def has_lots(self):
        return self.kind in (HOLDING, PLEDGED)

    def last_record(self):
        return self.map_record if self.has_lots() else self.issue

    def check_names(self):
        require(self.facts, "the certificate has no facts")
        for name, _ in self.facts:
            require(re.fullmatch(rb"[a-z0-9_]{1,64}", name), f"'{shown(name)}' is no name of a fact")
            require(name in OF_EACH_LOT or len(self.values(name)) == 1, f"the fact {name.decode()} stands twice")

    def values(self, name):
        return [value for known, value in self.facts if known == name]


class Check:
    """Steps 3 to 12 of "To check one"."""

    def __init__(self, certificate, trust, now_s, age_max_s, known):
        self.certificate, self.trust, self.now_s, self.age_max_s, self.known = certificate, trust, now_s, age_max_s, known
        self.witnesses, self.auditors = {}, set()  # those that count, with their earliest times
        self.compared = False

    def run(self):
        self.check_signatures()
        self.compare()
        self.check_times()
        self.check_issue()
        if self.certificate.has_lots():
            self.check_map()
            Facts(self.certificate).check()

    def check_signatures(self):
        checkpoint = self.certificate.checkpoint
        logs = checkpoint.signed_by(self.trust, LOG_KEY)
        cosigned = [(key, signature.time_s()) for key, signature in checkpoint.signed_by(self.trust, WITNESS_KEY)]
        cosigned = [(key, time_s) for key, time_s in cosigned if key.counts_at(time_s)]
        logs = [key for key, _ in logs if key.name == checkpoint.origin]
        require(logs, f"no trusted key of the log {shown(checkpoint.origin)} signed the checkpoint")
        # A log's signature has no time: a witness says that it was there before the key was revoked.
        trusted = any(log.revoked_from_s is None or any(log.counts_at(time_s) for _, time_s in cosigned) for log in logs)
        require(trusted, "the log's key is revoked, and no trusted witness saw the checkpoint before that")
        for key, time_s in cosigned:
            if self.age_max_s is None or abs(time_s - self.certificate.last_record().time_s) <= self.age_max_s:
                self.witnesses[key.name] = min(time_s, self.witnesses.get(key.name, time_s))
                if key.auditor:
                    self.auditors.add(key.name)
        found = len(self.witnesses)
        require(found >= self.trust.required, f"{found} trusted witnesses cosigned the checkpoint; {self.trust.required} are required")

    def compare(self):
        if self.known is None:
            return
        found = self.certificate.checkpoint
        require(self.known.origin == found.origin, f"the checkpoint that you hold is of another log, {shown(self.known.origin)}")
        if self.known.size == found.size:
            require(self.known.root == found.root, "the log has shown two histories: the checkpoint that you hold has the same size and another root. Keep both files.")
            self.compared = True

    def check_times(self):
        times = [("the issuing record", self.certificate.issue.time_s)]
        if self.certificate.has_lots():
            times.append(("the map record", self.certificate.map_record.time_s))
        times += [(f"the cosignature of {shown(name)}", time_s) for name, time_s in self.witnesses.items()]
        for what, time_s in times:
            require(time_s <= self.now_s + CLOCK_SKEW_MAX_S, f"{what} is of {shown_time(time_s)}, in the future")

    def check_issue(self):
        certificate, record = self.certificate, self.certificate.issue
        require(record.is_in(certificate.checkpoint), "the issuing record is not in the log")
        require(record.method == ISSUE_METHOD, f"the issuing record is of the method {shown(record.method)}")
        require(record.status == 0 and record.reason == b"", "the issuing command was refused")
        outcome = sha256(struct.pack("<II", record.status, len(record.reason)), record.reason, certificate.issue_events)
        require(outcome == record.outcome, "the events are not those of the issuing record")
        events = Reader(certificate.issue_events, "the events")
        certified = []
        while events.at < len(events.data):
            type_, payload = events.u16(), events.string()
            if type_ == CERTIFIED_EVENT:
                event = Reader(payload, "the event that certifies")
                certified.append((event.u8(), event.u64(), event.digest()))
                event.done()
        require(len(certified) == 1, f"{len(certified)} certificates were issued by the record, not one")
        require(certified[0] == (certificate.kind, certificate.number, certificate.facts_digest), "kind, number or facts are not those that were certified")

    def check_map(self):
        certificate, record = self.certificate, self.certificate.map_record
        require(record.is_in(certificate.checkpoint), "the map record is not in the log")
        require(record.method == MAP_METHOD, f"the map record is of the method {shown(record.method)}")
        require(record.status == 0 and record.reason == b"", "the map record was refused")
        request = Reader(record.request, "the request of the map record")
        require(request.u8() == 1, "the request of the map record is of a version that is not known")
        root, _ = request.digest(), request.u64()
        request.done()
        issue = certificate.issue
        require(record.index > issue.index and record.first_sequence > issue.last_sequence, "the map is older than the certificate")
        for lot in certificate.lots:
            require(lot.is_in(root), f"the map says otherwise of {lot.name}")
            taken = sum(encumbrance.quantity for encumbrance in lot.encumbrances if encumbrance.kind != FREEZE)
            require(taken <= lot.quantity, f"more lies on {lot.name} than it has")


# ---- Facts of certificates with lots ----

GRAMS = {b"g": 1, b"kg": 1_000, b"t": 1_000_000}
AMOUNT = re.compile(rb"(0|[1-9][0-9]{0,18}|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]{1,9}))?(?: (.+))?", re.DOTALL)


class Amount:
    def __init__(self, text, name):
        match = AMOUNT.fullmatch(text)
        require(match and len(match[1].replace(b",", b"")) <= 19, f"the fact {name}, '{shown(text)}', is no amount")
        self.decimals, self.unit = match[2] or b"", match[3]
        self.billionths = int(match[1].replace(b",", b"") + self.decimals.ljust(9, b"0"))

    def is_of(self, quantity, unit, own_unit):
        """Whether it says so many of `unit`, itself being written in `own_unit`."""
        numerator, denominator = 1, 1
        if own_unit != unit:
            own_base, own_yearly = self.parts_of(own_unit)
            base, yearly = self.parts_of(unit)
            if own_base not in GRAMS or base not in GRAMS or own_yearly != yearly:
                return False
            numerator, denominator = GRAMS[own_base], GRAMS[base]
        return self.billionths * numerator == quantity * denominator * 10**9

    @staticmethod
    def parts_of(unit):
        return (unit[:-2], True) if unit.endswith(b"/a") else (unit, False)


class Facts:
    """Step 12."""

    def __init__(self, certificate):
        self.certificate, self.lots = certificate, certificate.lots

    def values(self, name):
        return self.certificate.values(name.encode())

    def required(self, name):
        values = self.values(name)
        require(values, f"the fact {name} is missing")
        return values

    def per_lot(self, name):
        """The value of each lot; None where the fact is missing."""
        values = self.values(name)
        require(len(values) in (0, 1, len(self.lots)), f"the fact {name} stands neither once nor once for each lot")
        return values * len(self.lots) if len(values) == 1 else values or None

    def must_be(self, name, value, expected, lot):
        require(value == expected, f"the fact {name} is '{shown(value)}', but {lot.name} says '{shown(expected)}'")

    def check(self):
        certificate = self.certificate
        require(self.values("lot") == [lot.name.encode() for lot in self.lots], "the facts lot do not name the certificate's lots")
        for name in OF_EACH_LOT:
            self.per_lot(name.decode())
        self.taken = [lot.quantity for lot in self.lots]
        if certificate.kind == PLEDGED:
            self.check_pledge()
            subjects = self.values("pledge")
        else:
            self.required("holder")
            subjects = self.values("lot")
        require(all(subject in subjects for subject in self.values("subject")), "the fact subject names something else")
        for name, field in (("holder", "participant"), ("site", "site"), ("instrument", "instrument"), ("valid_from", "valid_from"), ("valid_to", "valid_to")):
            for lot, value in zip(self.lots, self.per_lot(name) or []):
                self.must_be(name, value, getattr(lot.title, field), lot)
        self.check_quantity()

    def check_pledge(self):
        (pledge,) = self.required("pledge")
        self.required("pledgee")
        for i, lot in enumerate(self.lots):
            its = [e for e in lot.encumbrances if e.kind == PLEDGE and e.opened is not None and e.opened.pledge == pledge]
            require(its, f"no opened pledge on {lot.name} is {shown(pledge)}")
            self.taken[i] = sum(e.quantity for e in its)
            for detail in (e.opened for e in its):
                for name in ("pledgee", "pledgor", "state", "contract_number", "unified_registry_number"):
                    for value in self.values(name):
                        self.must_be(name, value, getattr(detail, name), lot)
                require(detail.pledgor == lot.title.participant, f"the pledgor is not the participant whose {lot.name} is")
                for value in self.values("principal"):
                    require(value.startswith(b"CNY "), "the fact principal is not in CNY")
                    amount = Amount(value[4:], "principal")
                    same = amount.unit is None and len(amount.decimals) == 2 and amount.billionths == detail.principal * 10**7
                    require(same, f"the fact principal is '{shown(value)}', but {lot.name} says {detail.principal} fen")

    def check_quantity(self):
        values, units = self.values("quantity"), self.per_lot("unit")
        taken = self.taken
        if len(values) == 1:
            require(len({lot.title.unit for lot in self.lots}) == 1, "one quantity is said of lots in different units")
            taken = [sum(taken)]
        for i, value in enumerate(values):
            unit = self.lots[i].title.unit
            amount = Amount(value, "quantity")
            own_unit = amount.unit or (units[i] if units else unit)
            require(amount.is_of(taken[i], unit, own_unit), f"the fact quantity is '{shown(value)}', but the lots say {taken[i]} {shown(unit)}")


# ---- What is proved ----


def explain(certificate, check):
    checkpoint = certificate.checkpoint
    cosigned = [f"{shown(name)}{' (auditor)' if name in check.auditors else ''}, {shown_time(time_s)}" for name, time_s in sorted(check.witnesses.items())]
    lines = [
        f"OK: certificates/{certificate.number}, of {CERTIFICATE_KINDS[certificate.kind]}",
        f"issued by record {certificate.issue.first_sequence} of {shown_time(certificate.issue.time_s)}",
        f"in the log {shown(checkpoint.origin)} of {checkpoint.size} records, root {checkpoint.root.hex()}",
        "cosigned by " + ("; ".join(cosigned) or "nobody"),
    ]
    if check.compared:
        lines.append("the same history as in the checkpoint that you hold")
    lines += [f"  {name.decode()}: {shown(value)}" for name, value in certificate.facts]
    if certificate.has_lots():
        record = certificate.map_record
        lines.append(f"as of record {record.first_sequence} of {shown_time(record.time_s)}:")
    for lot in certificate.lots:
        unit = shown(lot.title.unit)
        lines.append(f"{lot.name}: {lot.quantity} {unit} of {shown(lot.title.instrument)}, of {shown(lot.title.participant) or 'the registry'}; all that lies on it:")
        for encumbrance in lot.encumbrances:
            opened = encumbrance.opened
            if opened is None:
                what = ", not opened" if encumbrance.kind in WITH_DETAIL else ""
            elif encumbrance.kind == FREEZE:
                what = f", {shown(opened.freeze)} by {shown(opened.court)}, {shown(opened.first)} to {shown(opened.last)}"
            else:
                what = f", {shown(opened.pledge)} to {shown(opened.pledgee)}, {shown(opened.state)}"
            lines.append(f"  {encumbrance.quantity} {unit} {KINDS[encumbrance.kind]}{what}")
        if not lot.encumbrances:
            lines.append("  nothing")
    lines.append("The page around the machine part was not compared with it: read the lines above, not the page.")
    return "\n".join(lines)


def verify(page, trust, now_s, age_max_s=None, known=None):
    """The lines that say what is proved. Raises Refused."""
    certificate = Certificate(find_machine_part(page))
    check = Check(certificate, trust, now_s, age_max_s, known)
    check.run()
    return explain(certificate, check)


def main(arguments):
    parser = argparse.ArgumentParser(description="Checks a certificate of Songhua with the file and the keys alone.")
    parser.add_argument("--keys", required=True, help="the file of keys that you trust")
    parser.add_argument("--known", metavar="CHECKPOINT", help="a checkpoint of this log that you hold: one of the same size must have the same root")
    parser.add_argument("--max-age", type=int, metavar="SECONDS", help="how far a cosignature may be from the record's time to count (default: any)")
    parser.add_argument("--now", type=int, metavar="SECONDS", help="seconds since 1970-01-01 UTC, instead of this machine's clock")
    parser.add_argument("certificate", help="the file that was given out")
    options = parser.parse_args(arguments)
    try:
        trust = Trust(read_file(options.keys))
        known = read_known(read_file(options.known), trust) if options.known is not None else None
        page = read_file(options.certificate)
    except (OSError, Refused) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        print(verify(page, trust, int(time.time()) if options.now is None else options.now, options.max_age, known))
    except Refused as refused:
        print(f"REFUSED: {refused}")
        return 1
    return 0


def read_file(name):
    with open(name, "rb") as file:
        return file.read()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
