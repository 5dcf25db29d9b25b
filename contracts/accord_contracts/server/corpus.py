"""The prose from which the text model learned: original, short, on purpose a little repetitive.

A word-pair model needs words that recur in new company, or it could only recite. Curly
apostrophes, dashes, accents, emoji and CJK are here so that ordinary answers hold characters
that span several tokens.
"""

from __future__ import annotations

from typing import Final

_TEXT: Final = """
The short answer is that the river keeps the town alive. It brings the boats in the morning, and
it takes the noise away in the evening.

A good plan is a small plan. Start with the part that you can see, write down what you know, and
leave the rest for the next day.

In the old garden the light is soft — and the bees are never in a hurry 🌱. It’s a good place to
read, and a better place to sleep.

Most of the work is in the morning. The baker opens the door, the first boats come in, and the
whole street smells of bread ☕.

There are two ways to look at it. The first is to ask what the machine can do, and the second is
to ask what the people need.

The lighthouse keeper writes a letter every evening. She says that the sea is a good reader, and
that the wind is a poor one.

You can start with the map. Look for the small road that follows the river, and keep the hills
on the left until you see the mill.

When the rain stops, the children run to the café and ask for the warm bread. The owner never
says no — she likes the noise 🎉.

In the north the winter is long, and the people tell stories to keep the night small. Some of
the stories are true.

The word 日本 means the place where the sun begins. In the small library there is a whole room of
books about it, and a map of 東京 on the wall.

It’s a simple machine: a wheel, a rope, and a patient hand. The water does the rest of the work,
and asks for nothing.

Here is what we know so far. The tea is best in the afternoon, the bread is best in the morning,
and the stories are best at night.

The clock on the square is slow, but the people of the town like it. It gives them a little more
time than they need 😀.

Write the first line, read it again, and take away the word that you like best. What is left is
the part that the reader will keep.

The boats that come from the south bring oranges, letters and news. The news is old, the letters
are long, and the oranges are sweet.

A small garden needs a little water, a little time and a good friend. The friend is for the days
when the rain comes too soon.

The question is not how far the road goes. The question is who walks with you, and what you see
on the way to the hills.

On the left there is the market, on the right there is the school — and between them an old tree
that has seen everything.

Let us look at the second part. The numbers are small, the steps are clear, and the answer comes
out the same every time ✨.

The mill by the river has a new wheel. It turns all day, and in the evening the miller counts
the bags and closes the door.

She keeps three books on the table: a book of maps, a book of birds, and a book with nothing in
it. The last one is for the morning.

They say that the wind in the hills can sing. It’s not a song that you know, but you will ask
for it again.
"""  # noqa: RUF001 - the curly apostrophes are meant

PARAGRAPHS: Final = tuple(" ".join(part.split()) for part in _TEXT.split("\n\n"))
"""Each a paragraph of one to three sentences."""
