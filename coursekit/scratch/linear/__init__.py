"""The historical learners: one unit that weighs its inputs, and four rules by which it may learn from an example.

All of them move the weights along the input, ``w += lr · delta · x``; only delta, how far and which way, differs:

============== ============== ================ ================= ============================================
unit           output         target           delta             year
============== ============== ================ ================= ============================================
`Perceptron`   -1 or +1       y, -1 or +1      y if wrong or 0   1958 (Rosenblatt)
`LinearUnit`   z              t, any number    t - z             1960 (Widrow & Hoff: the delta rule)
`SigmoidUnit`  o = σ(z)       t, from 0 to 1   (t - o) o (1 - o) 1986 (Rumelhart, Hinton & Williams)
`LogisticUnit` o = σ(z)       t, from 0 to 1   t - o             1958 (Cox: logistic regression)
============== ============== ================ ================= ============================================

where z = w·x + b is the score. These came before automatic differentiation: every rule stands here as derived by hand.
Taught in the chapters on the perceptron and on logistic and softmax regression.
"""

from coursekit.scratch.linear.descent import Descent, LinearUnit, LogisticUnit, SigmoidUnit
from coursekit.scratch.linear.perceptron import Perceptron, Search, mistake_bound, step
from coursekit.scratch.linear.unit import Unit
