"""Where the landmarks of the neutral head lie, in millimetres, in the frame of `surface`.

Heights below the pupils follow Farkas (1994), means of adult women and men: nasion to subnasale 52, subnasale to
stomion 21, stomion to gnathion 47, mouth width 52, eye fissure 31, distance of the pupils 63, ear 61 × 34.
"""

import numpy as np

# Eyes
EYE_CENTRE = np.array([31.5, 0.0, 72.8])
EYE_RADIUS = 13.0  # of the ball; the cornea stands out by CORNEA_RISE
CORNEA_RISE = 0.3
IRIS_RADIUS = 6.1
PUPIL_RADIUS = 2.1
LID_REACH = np.array([15.6, 14.0, 14.0])  # half axes of the ellipsoid the lids slide on, about the eye's centre
FISSURE_HALF_WIDTH = 15.0
UPPER_LID_HEIGHT = 4.3  # of the open margin above the line between the corners
LOWER_LID_HEIGHT = 4.7
CANTHAL_TILT = 1.1  # rise of the outer corner, and drop of the inner

# Mouth
MOUTH_HALF_WIDTH = 24.5
SEAM_HEIGHT = -68.0
UPPER_LIP = 8.6  # seam to border of the lip's red, in the middle
LOWER_LIP = 10.4

# Jaw
CONDYLE = np.array([0.0, -16.0, 4.0])  # the axis the jaw turns about runs through here, along x
NECK_PIVOT = np.array([0.0, -78.0, -18.0])  # the head turns about this point
