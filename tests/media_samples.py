"""Small real media files, made on the spot, and hostile ones that only pretend."""

import io
import random
import struct
import wave
import zlib
from array import array
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pikepdf
import pypdfium2
from PIL import Image

_films: dict[tuple[object, ...], bytes] = {}


def film(path: Path, **make: Any) -> Path:
    """A film as `new_film` makes it, once in a process."""
    wanted = (path.suffix, *sorted(make.items()))
    if wanted not in _films:
        _films[wanted] = new_film(path, **make).read_bytes()
    path.write_bytes(_films[wanted])
    return path


def new_film(
    path: Path,
    *,
    video: str | None = "libx264",
    audio: str | None = "aac",
    seconds: int = 2,
    size: tuple[int, int] = (128, 72),
    pixel_format: str = "yuv420p",
    faststart: bool = True,
    lossless: bool = False,
    colours: tuple[int, int, int] | None = None,
) -> Path:
    """A film (or, without video, a sound) whose container is told by the path's ending.

    ``colours``: primaries, transfer and matrix, as ITU-T H.273 counts them.
    """
    options = {"movflags": "faststart"} if faststart and path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        pictures = None
        if video:
            pictures = container.add_stream(video, rate=10)
            pictures.width, pictures.height = size
            pictures.pix_fmt = pixel_format
            pictures.options = {"qp": "0"} if lossless else {}
            named = zip(("color_primaries", "color_trc", "colorspace"), colours or (), strict=False)
            pictures.options |= {name: str(number) for name, number in named}
        sounds = container.add_stream(audio, rate=48000, layout="mono") if audio else None
        if pictures is not None:
            for number in range(seconds * 10):
                image = Image.linear_gradient("L").rotate(number * 9).convert("RGB").resize(size)
                for packet in pictures.encode(av.VideoFrame.from_image(image)):
                    container.mux(packet)
            for packet in pictures.encode():
                container.mux(packet)
        if sounds is not None:
            _silence(container, sounds, seconds)
    return path


class _Recorder(io.BytesIO):
    """A file that only grows, as a browser records one: nobody goes back to note the length."""

    def seekable(self) -> bool:
        return False


def recorded(path: Path, *, picture: bool = True, seconds: int = 6) -> Path:
    """What MediaRecorder makes: WebM that says nowhere how long it is."""
    file = _Recorder()
    with av.open(file, "w", format="webm", options={"live": "1"}) as container:
        if picture:
            stream = container.add_stream("libvpx", rate=10)
            stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
            for number in range(seconds * 10):
                image = Image.new("RGB", (160, 90), (number, 90, 120))
                for packet in stream.encode(av.VideoFrame.from_image(image)):
                    container.mux(packet)
            for packet in stream.encode():
                container.mux(packet)
        else:
            _silence(container, container.add_stream("libopus", rate=48000, layout="mono"), seconds)
    path.write_bytes(file.getvalue())
    return path


def _silence(container: av.container.OutputContainer, stream: av.AudioStream, seconds: int) -> None:
    _sound(container, stream, seconds, bytes)


def _noise(container: av.container.OutputContainer, stream: av.AudioStream, seconds: int) -> None:
    form = stream.codec_context.format.name
    numbers = random.Random(1)

    def loud(length: int) -> bytes:
        if form.startswith("flt"):
            return array("f", (numbers.uniform(-1, 1) for _ in range(length // 4))).tobytes()
        return numbers.randbytes(length)

    _sound(container, stream, seconds, loud)


def _sound(
    container: av.container.OutputContainer,
    stream: av.AudioStream,
    seconds: int,
    samples: Callable[[int], bytes],
) -> None:
    """``samples`` gives that many bytes of them."""
    form = stream.codec_context.format.name if stream.codec_context.format else "fltp"
    width = av.AudioFormat(form).bytes
    chunk = stream.codec_context.frame_size or 960
    for number in range(seconds * 48000 // chunk):
        frame = av.AudioFrame(format=form, layout="mono", samples=chunk)
        frame.sample_rate = 48000
        frame.pts = number * chunk
        frame.time_base = Fraction(1, 48000)
        frame.planes[0].update(samples(chunk * width))
        for packet in stream.encode(frame):
            container.mux(packet)
    for packet in stream.encode():
        container.mux(packet)


def with_tags(path: Path, form: str, tags: dict[str, str], **options: str) -> bytes:
    """The same streams with tags in the container, as phones and editors write them."""
    out = path.with_name(f"tagged.{form}")
    with av.open(str(path)) as source, av.open(str(out), "w", options=options) as container:
        container.metadata.update(tags)
        streams = {
            one.index: container.add_stream_from_template(one) for one in source.streams.get()
        }
        for stream in streams.values():
            stream.metadata.update(tags | {"handler_name": tags["comment"]})
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
    return out.read_bytes()


def with_third_track(path: Path, secret: bytes, **options: str) -> bytes:
    """A film with a third track of secrets, as cameras write positions: another sound as yet."""
    out = path.with_name(f"third{path.suffix}")
    with av.open(str(path)) as source, av.open(str(out), "w", options=options) as container:
        heard = source.streams.audio[0]
        templates = [source.streams.video[0], heard, heard]
        streams = [container.add_stream_from_template(one) for one in templates]
        for packet in source.demux():
            if packet.dts is None:
                continue
            copy = av.Packet(bytes(packet))
            copy.pts, copy.dts = packet.pts, packet.dts
            copy.duration, copy.time_base = packet.duration, packet.time_base
            copy.is_keyframe = packet.is_keyframe
            number = 0 if packet.stream.type == "video" else 1
            packet.stream = streams[number]
            container.mux(packet)
            if number == 1:
                copy.stream = streams[2]
                container.mux(copy)
    data = bytearray(out.read_bytes())
    with av.open(str(out)) as container:
        for packet in container.demux(container.streams.audio[1]):
            if packet.size:
                at = data.find(bytes(packet), packet.pos)
                data[at : at + packet.size] = (secret * 200)[: packet.size]
    return bytes(data)


def with_positions(path: Path, secret: bytes, handler: bytes = b"meta", **options: str) -> bytes:
    """An MP4 with a third track of positions, as action cameras write one every second."""
    data = bytearray(with_third_track(path, secret, **options))
    last = data.rfind(b"soun")
    data[last : last + 4] = handler
    return bytes(data)


def with_marks(path: Path, kind: int, secret: bytes) -> bytes:
    """A WebM with a third track of another kind (RFC 9559 §5.1.4.1.3)."""
    data = bytearray(with_third_track(path, secret))
    last = data.rfind(b"\x83\x81\x02", 0, data.find(b"\x1f\x43\xb6\x75"))
    data[last + 2] = kind
    return bytes(data)


def with_chapters(path: Path) -> bytes:
    """A film with a chapter for each second, as a list and as a track of texts."""
    out = path.with_name("chapters.mp4")
    with av.open(str(path)) as source, av.open(str(out), "w") as container:
        streams = {
            one.index: container.add_stream_from_template(one) for one in source.streams.get()
        }
        container.set_chapters(
            [
                {
                    "id": number,
                    "start": number,
                    "end": number + 1,
                    "time_base": Fraction(1, 1),
                    "metadata": {"title": f"Chapter {number}"},
                }
                for number in range(2)
            ]
        )
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                container.mux(packet)
    return out.read_bytes()


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def with_box(film: bytes, way: tuple[bytes, ...], added: bytes) -> bytes:
    """An MP4, whose header is at its end, with ``added`` at the end of its last box of that way."""
    data, begin, end = bytearray(film), 0, len(film)
    for kind in way:
        at = data.rfind(kind, begin, end) - 4
        begin, end = at, at + int.from_bytes(data[at : at + 4], "big")
        data[at : at + 4] = (end - begin + len(added)).to_bytes(4, "big")
    return bytes(data[:end] + added + data[end:])


def turned(film: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """The film with another display matrix (ISO/IEC 14496-12 §8.3.2)."""
    data = bytearray(film)
    across, down = matrix[:2], matrix[2:]
    values = [one << 16 for one in across] + [0] + [one << 16 for one in down] + [0, 0, 0, 1 << 30]
    at = film.find(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", *values)
    return bytes(data)


def quiet_then_loud(path: Path) -> Path:
    """A sound of two bit rates in a format that may not tell its duration: of the bytes of each
    half, the beginning lets one expect a far longer sound.
    """
    codec = {".mp3": "libmp3lame", ".aac": "aac"}[path.suffix]
    options = {"write_xing": "0", "id3v2_version": "0"} if path.suffix == ".mp3" else {}
    halves = []
    for bit_rate in (32_000, 320_000):
        with av.open(str(path), "w", options=options) as container:
            sounds = container.add_stream(codec, rate=48000, layout="mono", bit_rate=bit_rate)
            (_silence if bit_rate == 32_000 else _noise)(container, sounds, 5)
        halves.append(path.read_bytes())
    path.write_bytes(b"".join(halves))
    return path


def sound_wav(path: Path, seconds: int = 1) -> Path:
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(8000)
        stream.writeframes(b"\0\0" * 8000 * seconds)
    return path


def document(path: Path, pages: int = 4) -> Path:
    pdf = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        pdf.new_page(595, 842)
    pdf.save(path)
    pdf.close()
    return path


def document_with_secrets(path: Path) -> Path:
    """A document that tells who made it, with what, and where its photograph was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    photo = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(photo, "JPEG", exif=exif.tobytes())
    with pikepdf.new() as pdf:
        for _ in range(2):
            pdf.add_blank_page(page_size=(300, 400))
        image = pdf.make_stream(
            photo.getvalue(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=8,
            Height=8,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        page = pdf.pages[0]
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=image))
        page.obj.Contents = pdf.make_stream(b"q 90 0 0 90 9 9 cm /Photo Do Q")
        page.obj.Metadata = pdf.make_stream(b"SECRET of the page")
        pdf.Root.Metadata = pdf.make_stream(b"SECRET of the document")
        pdf.docinfo["/Title"] = "A plan of the garden"
        pdf.docinfo["/Author"] = "SECRET person"
        pdf.docinfo["/Producer"] = "SECRET program"
        pdf.attachments["place.txt"] = b"SECRET place"
        pdf.save(path, compress_streams=False)
    return path


def unshowable_document(path: Path, kind: str) -> Path:
    """A form that only Adobe's reader shows, a cover of other files, a locked document."""
    with pikepdf.open(document(path.with_name("plain.pdf"))) as pdf:
        encryption: Any = None
        if kind == "xfa":
            form = pdf.make_stream(b"<xdp:xdp/>")
            pdf.Root.NeedsRendering = True
            pdf.Root.AcroForm = pikepdf.Dictionary(XFA=form, Fields=pikepdf.Array())
        elif kind == "portfolio":
            pdf.Root.Collection = pikepdf.Dictionary(View=pikepdf.Name.D)
        elif kind == "password":
            encryption = pikepdf.Encryption(owner="owner", user="user")
        pdf.save(path, encryption=encryption)
    if kind == "certificate":
        data = path.read_bytes()
        locked = b"trailer << /Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 >> "
        path.write_bytes(data.replace(b"trailer << ", locked))
    return path


def picture(path: Path, size: tuple[int, int] = (160, 90), **options: object) -> Path:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    image.save(path, **options)
    return path


def picture_with_place(path: Path) -> Path:
    """A photograph that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    exif.get_ifd(0x8825)[2] = (48.0, 8.0, 12.0)
    return picture(path, exif=exif.tobytes())


def camera_photo(path: Path, size: tuple[int, int] = (160, 90)) -> Path:
    """A JPEG with a smaller preview beside the picture, as phones write them (CIPA DC-007)."""
    photo = Image.linear_gradient("L").resize(size).convert("RGB")
    preview = Image.new("RGB", (size[0] // 4, size[1] // 4), "red")
    photo.save(path, "MPO", save_all=True, append_images=[preview])
    return path


def grey_in_sixteen_bits(path: Path, values: tuple[int, ...]) -> Path:
    """A PNG of one row of these greys, each of 0 to 65535."""
    pixels = b"".join(struct.pack("<H", value) for value in values)
    Image.frombytes("I;16", (len(values), 1), pixels).save(path)
    return path


def bomb_png(path: Path) -> Path:
    """A PNG of 60 000 × 60 000 pixels that is a few kB long."""
    buffer = io.BytesIO()
    Image.new("1", (8, 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = struct.pack(">II", 60_000, 60_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    path.write_bytes(bytes(data))
    return path


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '/etc/passwd'\n"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
VTT = b"WEBVTT\n\n00:00.000 --> 00:01.000 line:80%\nHello <b>there</b>\n"
