"""Short words that nobody said: vowels and a hiss, synthesised for speakers who differ, and their spectrograms.

A vowel is a buzz, as the vocal folds make it, sent through three resonances, the **formants**, as throat and mouth have
them. The formants are the means of the men in Peterson and Barney, "Control methods used in a study of the vowels"
(1952); pitch, speed, the size of the mouth, the place in time and the noise are drawn at random. Taught in the chapter
on other tasks.
"""

import numpy as np

RATE = 8000  # samples a second, as on the telephone
FORMANTS = {"i": (270, 2290, 3010), "a": (730, 1090, 2440), "u": (300, 870, 2240)}  # in hertz
BANDWIDTHS = (60, 90, 150)
WORDS = ("ia", "ai", "ua", "au", "iu", "ui", "sa", "as")  # k and k ^ 1 are each other's reverse
FRAME, HOP = 128, 64  # samples: 16 and 8 milliseconds
LENGTH = 4800  # samples of a recording: 0.6 seconds


def sound_of(letter, seconds, pitch, tract, rng):
    """Synthesise one vowel, or the hiss "s".

    Parameters
    ----------
    letter : "i", "a", "u" or "s"
    seconds : float
    pitch : float
        Of the voice, in hertz. It falls a little, as in speaking.
    tract : float
        What all formants are multiplied by: above 1 for a shorter throat and mouth.
    rng : numpy.random.Generator
        Draws the hiss.

    Returns
    -------
    ndarray, shape (seconds · RATE,)
    """
    n = int(seconds * RATE)
    if letter == "s":
        hiss = np.diff(rng.normal(size=n), prepend=0)
        return 0.25 * np.sqrt(np.hanning(n)) * hiss
    turns = np.cumsum(pitch * np.linspace(1.05, 0.95, n)) / RATE
    sound = np.diff(np.floor(turns), prepend=0)  # a pulse for each turn
    sound = resonance(sound, 0, 130)  # a soft one
    for k, formant in enumerate(FORMANTS[letter]):
        rings_at = min(tract * formant, 3800)
        sound = resonance(sound, rings_at, BANDWIDTHS[k])
    return sound / np.sqrt(np.mean(sound**2))


def resonance(sound, frequency, width):
    """Send a sound through something that rings at one frequency: a filter with two poles.

    Parameters
    ----------
    sound : ndarray, shape (T,)
    frequency, width : float
        In hertz. The narrower, the longer it rings.

    Returns
    -------
    ndarray, shape (T,)
    """
    from scipy.signal import lfilter

    decay = np.exp(-np.pi * width / RATE)
    poles = [1, -2 * decay * np.cos(2 * np.pi * frequency / RATE), decay**2]
    return lfilter([sum(poles)], poles, sound)


def speaker(rng):
    """Draw a speaker: a pitch from 90 to 230 Hz, and the size of the mouth, which goes with it to a degree.

    Returns
    -------
    (float, float)
        ``pitch, tract``, as for `sound_of`.
    """
    pitch = rng.uniform(90, 230)
    tract = 0.95 + 0.2 * (pitch - 90) / 140 + rng.normal(0, 0.04)
    return pitch, float(np.clip(tract, 0.85, 1.25))


def say(word, speaker, rng):
    """Let a speaker say a word: at a speed, from a moment, in noise.

    Parameters
    ----------
    word : str
        Of the letters "i", "a", "u" and "s", at most two.
    speaker : (float, float)
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (4800,)
        0.6 seconds.

    Raises
    ------
    ValueError
        If the word is longer, is empty, or has another letter.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> say("ai", speaker(rng), rng).shape
    (4800,)
    """
    if not 1 <= len(word) <= 2 or set(word) - {*FORMANTS, "s"}:
        raise ValueError(f"word: got {word!r}; one or two of the letters i, a, u, s")
    pitch, tract = speaker
    parts = [sound_of(letter, rng.uniform(0.14, 0.26), pitch * rng.uniform(0.9, 1.1), tract, rng) for letter in word]
    sound, out = np.concatenate(parts), 0.1 * rng.normal(size=LENGTH)
    start = rng.integers(LENGTH - len(sound))
    out[start : start + len(sound)] += sound
    return out


def spectrogram(sound):
    """Which frequencies are in a sound, and when: the logarithm of the size of the Fourier transform, frame by frame.

    Parameters
    ----------
    sound : ndarray, shape (T,)

    Returns
    -------
    ndarray of float32, shape (64, (T − 128) // 64 + 1)
        Frequencies 0 to 3937 Hz, 62.5 Hz apart, and frames of 16 ms, 8 ms apart.

    Examples
    --------
    >>> spectrogram(np.zeros(4800)).shape
    (64, 74)
    """
    starts = range(0, len(sound) - FRAME + 1, HOP)
    frames = np.stack([sound[start : start + FRAME] for start in starts])
    spectrum = np.fft.rfft(frames * np.hanning(FRAME))
    return np.log(np.abs(spectrum) + 0.3).T[:64].astype(np.float32)


def recordings(n_speakers, each, rng):
    """Let every one of some speakers say every word.

    Parameters
    ----------
    n_speakers, each : int
        Speakers, and how often each says each word.
    rng : numpy.random.Generator

    Returns
    -------
    spectrograms : ndarray of float32, shape (N, 1, 64, 74)
    labels : ndarray of int64, shape (N,)
        Positions in `WORDS`.

    Examples
    --------
    >>> spectrograms, labels = recordings(2, 1, np.random.default_rng(0))
    >>> spectrograms.shape, labels.tolist()
    ((16, 1, 64, 74), [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7])
    """
    people = [speaker(rng) for _ in range(n_speakers)]
    said = [(person, k) for person in people for _ in range(each) for k in range(len(WORDS))]
    spectrograms = np.stack([spectrogram(say(WORDS[k], person, rng)) for person, k in said])
    return spectrograms[:, None], np.array([k for _, k in said])
