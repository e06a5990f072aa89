"""What people read when a file is refused: what it is, and the one thing to do about it."""

from itertools import groupby

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from lti_tool.media.formats import SURELY_UNSUITABLE, Reason, Refused

SENTENCES: dict[Reason, LazyString] = {
    Reason.EMPTY: _("The file is empty. Check it on your computer and choose it again."),
    Reason.TOO_LARGE: _("The file is too large for this site."),
    Reason.PLAYLIST: _(
        "This is a playlist: it only lists other files. Choose the video or audio file itself."
    ),
    Reason.SVG: _("SVG drawings can contain programs, so they are not accepted. Save it as PNG."),
    Reason.WEB_PAGE: _("This is a web page, not a media file. Save it as PDF and choose that."),
    Reason.PROGRAM: _(
        "This is a program, not a media file. Choose a video, an audio file, a PDF or a picture."
    ),
    Reason.ARCHIVE: _("This is an archive. Unpack it and choose the files one by one."),
    Reason.OFFICE: _("Office files cannot be shown yet. Save it as PDF and choose that."),
    Reason.TEXT_DOCUMENT: _(
        "Documents of this kind cannot be shown in a browser. Save it as PDF and choose that."
    ),
    Reason.SUBTITLES: _(
        "These are captions without their video. Choose the video or audio file itself."
    ),
    Reason.UNKNOWN: _(
        "This kind of file cannot be shown here. Choose a video, an audio file, a PDF or a picture."
    ),
    Reason.VIDEO_CONTAINER: _(
        "This video is in the format %(found)s, which browsers cannot play. "
        "Export it as MP4 with H.264 and AAC."
    ),
    Reason.AUDIO_CONTAINER: _(
        "This is %(found)s audio, which not every browser plays. Export it as MP3 or M4A."
    ),
    Reason.PICTURE_FORMAT: _(
        "This is a %(found)s picture, which cannot be shown here. Save it as JPEG or PNG."
    ),
    Reason.VIDEO_CODEC: _(
        "The picture of this video is %(found)s, which not every browser plays. "
        "Export it as MP4 with H.264."
    ),
    Reason.WEBM_CODEC: _(
        "This WebM or MKV file contains %(found)s, which browsers expect in an MP4 file. "
        "Save it as MP4."
    ),
    Reason.PIXEL_FORMAT: _(
        "The colours of this video are stored as %(found)s, which not every browser plays. "
        "Export it with 8 bits and 4:2:0 (yuv420p)."
    ),
    Reason.AUDIO_CODEC: _(
        "This audio file contains %(found)s, which not every browser plays. "
        "Export it as MP3 or M4A."
    ),
    Reason.AUDIO_CODEC_OF_FILM: _(
        "The sound of this video is %(found)s, which not every browser plays. Export it with AAC."
    ),
    Reason.FIRST_AUDIO_TRACK: _(
        "The first audio track is %(found)s, which not every browser plays. "
        "Export it without that track."
    ),
    Reason.TRUNCATED: _("The end of the file is missing. Copy or export it again and retry."),
    Reason.BROKEN: _("The file is damaged and cannot be read. Export it again and retry."),
    Reason.ENCRYPTED: _(
        "The document is locked by a password or for certain people. "
        "Save it without that protection and retry."
    ),
    Reason.XFA_FORM: _(
        "This is a form of the kind XFA, which browsers cannot show. "
        "Open it in Adobe Reader, print it as PDF and choose that."
    ),
    Reason.PORTFOLIO: _(
        "This is a PDF portfolio: a cover around other files. Choose those files one by one."
    ),
    Reason.COPY_PROTECTED: _(
        "The file is locked to the shop, account or app it comes from. "
        "Choose a copy without that protection."
    ),
    Reason.SEVERAL_PAGES: _("This picture has several pages. Save it as PDF and choose that."),
    Reason.NOTHING_INSIDE: _(
        "There is no picture, sound or pages in this file. Export it again or choose another one."
    ),
    Reason.TOO_MANY_PIXELS: _("The picture is too large. Make it smaller and retry."),
    Reason.TOO_MANY_PAGES: _("The document has too many pages. Split it and retry."),
    Reason.TOO_HARD: _("Reading this file took too long. Export it again in a simpler form."),
    Reason.CAPTIONS_INVALID: _(
        "The captions are not a valid WebVTT or SRT file. Save them as one of these and retry."
    ),
    Reason.CAPTIONS_ENCODING: _(
        "The letters of the captions cannot be told for certain. Save them as UTF-8 and retry."
    ),
    Reason.CAPTIONS_NOT_HERE: _("Captions go with a video or an audio file."),
}


def sentence(refusal: Refused) -> str:
    """Put the reason in the reader's language, with what was found."""
    return str(SENTENCES[refusal.reason]) % {"found": refusal.found}


def early_refusals() -> list[dict[str, object]]:
    """List which endings are refused with which sentence, for a page that looks at names only."""
    reasons = sorted(SURELY_UNSUITABLE.items(), key=lambda one: (one[1], one[0]))
    return [
        {"endings": [ending for ending, _why in those], "sentence": sentence(Refused(*why))}
        for why, those in groupby(reasons, key=lambda one: one[1])
    ]
